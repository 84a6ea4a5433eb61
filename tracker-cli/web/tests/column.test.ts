import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import type { Run } from "../src/data/types.ts";
import { bestRuns, exactOf, groupsOf, headingOf, sortRuns, usualColumns, valueOf, varies } from "../src/model/column.ts";
import { flatten, leavesOf } from "../src/model/flatten.ts";
import { formatAge, formatBytes, formatDuration, formatScalar } from "../src/model/format.ts";
import { parseQuery } from "../src/model/query.ts";
import { filterMetrics, sectionsOf } from "../src/model/sections.ts";
import { csvCell } from "../src/model/csv_cell.ts";
import { tableCsv } from "../src/model/table_csv.ts";
import { run, summary } from "./helpers.ts";

const DEFINITIONS = { loss: { unit: null, direction: "lower" as const, display_name: null, hidden: false } };
const RUNS = [
  run({ id: "a", config: { lr: 2 }, summary: { loss: summary(3) } }),
  run({ id: "b", config: { lr: 10 }, summary: { loss: summary("NaN") } }),
  run({ id: "c", config: {}, summary: { loss: summary(1) }, tags: ["x", "y"] }),
];

test("nested config becomes dot paths, and lists stay whole", () => {
  assert.deepEqual(
    [...flatten({ a: { b: 1, c: [1, 2] }, d: {}, e: null })],
    [
      ["a.b", 1],
      ["a.c", "[1,2]"],
      ["d", "{}"],
      ["e", null],
    ],
  );
});

test("no two settings have the same path, and the paths are those of the command line", () => {
  const { settings, paths } = JSON.parse(
    readFileSync(new URL("../../../tracker-core/tests/data/setting_paths.json", import.meta.url), "utf8"),
  ) as {
    settings: Run["config"];
    paths: string[];
  };
  assert.deepEqual([...leavesOf(settings).keys()], paths);
});

test("settings that JavaScript has no numbers for sort, differ, are found and are saved by all their digits", () => {
  const seeds = ["18446744073709551615", "18446744073709551614", "9007199254740993", "-9223372036854775808"];
  const runs = seeds.map((seed, at) => run({ id: String(at), config: { seed: Number(seed) }, config_exact: { seed } }));
  assert.deepEqual(
    sortRuns(runs, "config:seed", false).map(({ id }) => id),
    ["3", "2", "1", "0"],
  );
  assert.ok(varies(runs.slice(0, 2), "config:seed"));
  assert.equal(exactOf(runs[0] as Run, "config:seed"), seeds[0]);
  const found = (text: string): string => {
    const query = parseQuery(text, runs, {});
    return query.ok
      ? runs
          .filter(query.matches)
          .map(({ id }) => id)
          .join("")
      : query.error.message;
  };
  assert.equal(found("seed = 18446744073709551614"), "1");
  assert.equal(found("seed > 18446744073709551614"), "0");
  assert.equal(found("seed = 9007199254740992"), "");
  assert.equal(found("seed < 0"), "3");
  assert.match(tableCsv(runs, ["config:seed"]), /^0,18446744073709551615$/m);
  assert.match(tableCsv(runs, ["config:seed"]), /^3,-9223372036854775808$/m);
});

test("a setting is cut for a narrow place alone, and whole numbers never are", () => {
  assert.deepEqual([0.001, 0.3, 0.123456, 1e-7].map(formatScalar), ["0.001", "0.3", "0.1235", "1e-7"], "as it was written");
  const settings = run({
    config: { rate: 0.000123456789, seed: 4294967295, one: 1, text: "0.000123456789" },
    config_exact: { one: "1.0" },
  });
  assert.equal(formatScalar(valueOf(settings, "config:rate")), "1.2346e-4");
  assert.equal(exactOf(settings, "config:rate"), "0.000123456789");
  assert.equal(formatScalar(valueOf(settings, "config:seed")), "4294967295");
  assert.equal(exactOf(settings, "config:one"), "1.0");
  assert.equal(formatScalar(valueOf(settings, "config:text")), "0.000123456789");
});

test("numbers sort as numbers, and what is missing or NaN stands last both ways", () => {
  const ids = (column: string, descending: boolean): string =>
    sortRuns(RUNS, column, descending)
      .map(({ id }) => id)
      .join("");
  assert.equal(ids("config:lr", false), "abc");
  assert.equal(ids("config:lr", true), "bac");
  assert.equal(ids("summary:loss", false), "cab");
  assert.equal(ids("summary:loss", true), "acb");
});

test("the best run follows the metric's direction and is never NaN", () => {
  assert.deepEqual(bestRuns(RUNS, "loss", DEFINITIONS), new Set(["c"]));
  assert.deepEqual(bestRuns(RUNS, "other", DEFINITIONS), new Set());
});

test("the heading of a metric says which of its values stand below it", () => {
  const headings = ["summary:loss", "summary:other", "config:loss", "seconds"].map((column) => headingOf(column, DEFINITIONS));
  assert.deepEqual(headings, ["loss (best)", "other (last)", "loss", "duration"]);
});

test("the table begins with results and what differs in the config", () => {
  assert.deepEqual(usualColumns(RUNS, DEFINITIONS).slice(4), ["summary:loss", "config:lr"]);
});

test("a run stands in the group of each of its tags", () => {
  assert.deepEqual(groupsOf(RUNS[2] as (typeof RUNS)[number], "tag"), ["x", "y"]);
  assert.deepEqual(groupsOf(RUNS[0] as (typeof RUNS)[number], "config:lr"), ["2"]);
  assert.equal(valueOf(RUNS[2] as (typeof RUNS)[number], "config:lr"), undefined);
});

test("cells that a spreadsheet would run get a quotation mark", () => {
  assert.equal(csvCell(-1), "-1");
  assert.equal(tableCsv([run({ name: "=x" })], ["name", "seconds"]), "id,name,seconds\n01K1,'=x,41.2\n");
});

test("values read as people write them", () => {
  assert.deepEqual([0.42, 41, 250, 90_000].map(formatDuration), ["0.4s", "41s", "4m 10s", "1d 1h"]);
  assert.equal(formatAge("2026-11-24T03:00:00Z", Date.parse("2026-11-24T05:30:00Z")), "2h");
  assert.deepEqual([0, 999, 1536, 2.5e9].map(formatBytes), ["0 B", "999 B", "1.54 KB", "2.5 GB"]);
});

test("validation stands before training, and the machine's values last", () => {
  const names = sectionsOf(["system/cpu", "train/loss", "lr", "valid/loss", "gan/d"]).map(({ name }) => name);
  assert.deepEqual(names, ["valid", "train", "gan", "metrics", "system"]);
  assert.deepEqual(filterMetrics(["a/loss", "b/x"], "LOSS$").metrics, ["a/loss"]);
  assert.notEqual(filterMetrics(["a"], "(").error, null);
});

test("a trial without a group is of the group of its study, as for the command line", () => {
  const trial = run({ study: "lr", config: {} });
  assert.deepEqual([groupsOf(trial, "group"), valueOf(trial, "group")], [["lr"], "lr"]);
  assert.deepEqual(groupsOf({ ...trial, group: "own" }, "group"), ["own"]);
  assert.deepEqual(groupsOf(run({}), "group"), ["none"]);
});
