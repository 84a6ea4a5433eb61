import assert from "node:assert/strict";
import { test } from "node:test";
import { heatMap } from "../src/chart/bins.ts";

test("rows of different ranges are spread over common bins", () => {
  const map = heatMap(
    [
      { step: 0, min: 0, max: 2, counts: [1, 3] },
      { step: 1, min: 0, max: 4, counts: [2, 2] },
    ],
    4,
  );
  assert.deepEqual([map?.min, map?.max], [0, 4]);
  assert.deepEqual(
    map?.columns.map((column) => [...column]),
    [
      [0.25, 0.75, 0, 0],
      [0.25, 0.25, 0.25, 0.25],
    ],
  );
});

test("a row of one single value falls into one bin", () => {
  const map = heatMap(
    [
      { step: 0, min: 1, max: 1, counts: [7] },
      { step: 1, min: 0, max: 4, counts: [4] },
    ],
    4,
  );
  assert.deepEqual([...(map?.columns[0] ?? [])], [0, 1, 0, 0]);
});

test("a row without counts is blank, and no rows are no picture", () => {
  assert.deepEqual(
    heatMap([{ step: 0, min: 0, max: 1, counts: [0] }], 2)?.columns.map((column) => [...column]),
    [[0, 0]],
  );
  assert.equal(heatMap([], 4), null);
});
