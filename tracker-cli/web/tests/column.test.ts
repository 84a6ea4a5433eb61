import assert from "node:assert/strict";
import { test } from "node:test";
import { bestRuns, groupsOf, sortRuns, usualColumns, valueOf } from "../src/model/column.ts";
import { flatten } from "../src/model/flatten.ts";
import { formatAge, formatBytes, formatDuration, formatNumber } from "../src/model/format.ts";
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
  assert.deepEqual([...flatten({ a: { b: 1, c: [1, 2] }, d: {}, e: null })], [["a.b", 1], ["a.c", "[1,2]"], ["d", "{}"], ["e", null]]);
});

test("numbers sort as numbers, and what is missing or NaN stands last both ways", () => {
  const ids = (column: string, descending: boolean): string => sortRuns(RUNS, column, descending).map(({ id }) => id).join("");
  assert.equal(ids("config:lr", false), "abc");
  assert.equal(ids("config:lr", true), "bac");
  assert.equal(ids("summary:loss", false), "cab");
  assert.equal(ids("summary:loss", true), "acb");
});

test("the best run follows the metric's direction and is never NaN", () => {
  assert.deepEqual(bestRuns(RUNS, "loss", DEFINITIONS), new Set(["c"]));
  assert.deepEqual(bestRuns(RUNS, "other", DEFINITIONS), new Set());
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
  for (const sign of ["=", "+", "-", "@"]) assert.equal(csvCell(`${sign}1`), `'${sign}1`);
  assert.equal(csvCell(-1), "-1");
  assert.equal(csvCell('a,"b"'), '"a,""b"""');
  assert.equal(tableCsv([run({ name: "=x" })], ["name", "seconds"]), "id,name,seconds\n01K1,'=x,41.2\n");
});

test("values read as people write them", () => {
  assert.deepEqual([0.123456, 1e-9, 12, Number.NaN, -Infinity, 1234567.5, 100.0001].map((value) => formatNumber(value)), ["0.1235", "1e-9", "12", "NaN", "−∞", "1.235e6", "100"]);
  assert.equal(formatNumber(0.9721, "%"), "97.21 %");
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
