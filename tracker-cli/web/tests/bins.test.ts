import assert from "node:assert/strict";
import { test } from "node:test";
import { heatMap, ridges } from "../src/chart/bins.ts";

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
    map?.columns.map(({ counts }) => [...counts]),
    [
      [1, 3, 0, 0],
      [1, 1, 1, 1],
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
  assert.deepEqual([...(map?.columns[0]?.counts ?? [])], [0, 7, 0, 0]);
});

test("a row without counts is blank, and no rows are no picture", () => {
  assert.deepEqual(
    heatMap([{ step: 0, min: 0, max: 1, counts: [0] }], 2)?.columns.map(({ counts }) => [...counts]),
    [[0, 0]],
  );
  assert.equal(heatMap([], 4), null);
});

test("hills are of the last step first, as high as the logarithms of their counts", () => {
  const rows = Array.from({ length: 100 }, (_, step) => ({ step, min: 0, max: 2, counts: [step, 99] }));
  const map = heatMap(rows, 2);
  assert.ok(map);
  const hills = ridges(map, 24);
  assert.equal(hills.length, 24);
  assert.deepEqual([hills[0]?.column, hills[23]?.column], [99, 0]);
  assert.deepEqual(hills[0]?.heights, [1, 1]);
  assert.equal(hills[23]?.heights[0], 0);
  assert.equal(ridges(heatMap(rows.slice(0, 1), 2) ?? map, 24).length, 1);
});
