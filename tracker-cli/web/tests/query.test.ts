import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Definitions, Run } from "../src/data/types.ts";
import { near } from "../src/model/near.ts";
import { parseQuery } from "../src/model/query.ts";
import { span } from "../src/model/query_value.ts";
import { run, summary } from "./helpers.ts";

interface Case {
  query: string;
  finds?: string[];
  note?: string;
  error?: object;
}
type Told = Partial<Run> & { config: object; metrics: { [name: string]: number | "NaN" } };

// The command line's implementation has to pass these too. A whole number beyond 2^53 comes as text, as the server sends it.
const path = new URL("../../../tracker-core/tests/data/queries.json", import.meta.url);
const read = JSON.parse(readFileSync(path, "utf8")) as { definitions: Definitions; runs: Told[]; cases: Case[] };
const RUNS = read.runs.map(({ metrics, ...fields }) =>
  run({
    ...fields,
    config_exact: "big" in fields.config ? { big: "9007199254740993" } : {},
    summary: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, summary(value)])),
  }),
);

test("each query finds what it says, or says where it makes no sense", () => {
  for (const { query, ...expected } of read.cases) {
    const found = parseQuery(query, RUNS, read.definitions);
    const told = found.ok
      ? { finds: RUNS.filter(found.matches).map((each) => each.name), ...(found.notes[0] ? { note: found.notes[0] } : {}) }
      : { error: found.error };
    assert.deepEqual(told, expected, query);
  }
});

test("where there are no runs no field is unknown", () => {
  assert.ok(parseQuery("foo = 3", [], {}).ok);
});

test("a pattern that cannot be read is an error at its place", () => {
  for (const [text, position] of [
    ["name ~ (", 7],
    ["/(/", 1],
  ] as const) {
    const query = parseQuery(text === "name ~ (" ? 'name ~ "("' : text, RUNS, {});
    assert.ok(!query.ok && query.error.position === position && query.error.hint !== "", text);
  }
});

test("names are near that end alike, contain each other or are misspelt", () => {
  const names = ["optimizer.lr", "lr_decay", "seed", "valid/accuracy", "valid/loss"];
  assert.deepEqual(near("lr", names), ["optimizer.lr"]);
  assert.deepEqual(near("accuracy", names), ["valid/accuracy"]);
  assert.deepEqual(near("sead", names), ["seed"]);
  assert.deepEqual(near("LR", names), ["optimizer.lr"]);
  assert.deepEqual(near("valid/los", names), ["valid/loss"]);
  assert.deepEqual(near("nothing like it", names), []);
});

test("a time is as long as it is written", () => {
  const now = new Date("2026-12-01T12:30:00Z");
  const cases = [
    ["2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    ["2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    ["2026-02-28", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z"],
    ["2026-02-28T23", "2026-02-28T23:00:00Z", "2026-03-01T00:00:00Z"],
    ["2026-02-28 23:59", "2026-02-28T23:59:00Z", "2026-03-01T00:00:00Z"],
    ["2026-02-28T10:00:05Z", "2026-02-28T10:00:05Z", "2026-02-28T10:00:06Z"],
    ["Today", "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"],
    ["yesterday", "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"],
  ] as const;
  for (const [text, begin, end] of cases) assert.deepEqual(span(text, now), [Date.parse(begin), Date.parse(end)], text);
  for (const none of ["", "26", "2026-13", "2026-02-30", "2026-1-1-1", "2026-01-01T25", "soon", "+2026"])
    assert.equal(span(none, now), null, none);
});
