import assert from "node:assert/strict";
import { test } from "node:test";
import { csvCell, csvOfCurves } from "../src/chart/csv.ts";

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
