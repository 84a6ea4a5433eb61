import assert from "node:assert/strict";
import { test } from "node:test";
import { csvOfCurves } from "../src/chart/csv.ts";
import { csvCell } from "../src/model/csv_cell.ts";

test("commas, quotes and line ends are quoted", () => {
  assert.deepEqual(['a,b', 'say "hi"', "two\nlines", "plain"].map(csvCell), ['"a,b"', '"say ""hi"""', '"two\nlines"', "plain"]);
});

test("text that a spreadsheet would compute is made text, and numbers stay numbers", () => {
  assert.deepEqual(["=1+1", " +x", "-x", '=A1,"x"'].map(csvCell), ["'=1+1", "' +x", "'-x", '"\'=A1,""x"""']);
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
  const values = csv.trim().split("\n").slice(1).map((line) => line.split(",")[2]);
  assert.deepEqual(values, ["0.1", "0.33333334", "16777216", "NaN", "-Infinity", "3.4e+38"]);
});
