import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { csvOfCurves } from "../src/chart/csv.ts";
import { csvCell } from "../src/model/csv_cell.ts";

test("text is quoted where it must be and shielded where a spreadsheet would compute it, as by the command line", () => {
  const cases = JSON.parse(readFileSync(new URL("csv_cases.json", import.meta.url), "utf8")) as [text: string, cell: string][];
  for (const [text, cell] of cases) assert.equal(csvCell(text), cell, JSON.stringify(text));
});

test("numbers stay numbers", () => {
  assert.equal(csvCell(-0.5), "-0.5");
});

test("curves become one line a point, with a band where there is one", () => {
  const csv = csvOfCurves("step", "train/loss", [
    { label: "a", x: [0, 1], y: [0.5, NaN] },
    { label: "b", x: [0], y: [2], low: [1], high: [3] },
  ]);
  assert.equal(csv, "run,step,train/loss,low,high\na,0,0.5,,\na,1,NaN,,\nb,0,2,1,3\n");
});

test("numbers of single precision read as they were logged", () => {
  const y = Float32Array.from([0.1, 1 / 3, 16777216, NaN, -Infinity, 3.4e38]);
  const csv = csvOfCurves("step", "loss", [{ label: "a", x: Float32Array.from([0, 1, 2, 3, 4, 5]), y }]);
  const values = csv
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",")[2]);
  assert.deepEqual(values, ["0.1", "0.33333334", "16777216", "NaN", "-Infinity", "3.4e+38"]);
});
