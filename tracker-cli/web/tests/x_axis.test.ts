import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSeconds, formatX, stepsOfOtherAxis, stepsOfRange, xName } from "../src/model/x_axis.ts";

test("seconds read in the two largest units that they fill", () => {
  assert.deepEqual([0.25, 59, 60, 61, 3725, 90_000].map(formatSeconds), ["0.25 s", "59 s", "1 min", "1 min 1 s", "1 h 2 min", "1 d 1 h"]);
});

test("an axis that is a metric has the metric's name", () => {
  assert.equal(xName("metric:train/tokens"), "train/tokens");
  assert.equal(formatX("step", 1200), "step 1 200");
});

test("a zoom between two steps asks for both", () => {
  assert.deepEqual(stepsOfRange([-3.5, 10.2]), { from: 0, to: 11 });
});

test("a zoom in seconds asks for the steps of all runs within it and a point on each side", () => {
  const slow = { x: [0, 10, 20, 30, 40], steps: [0, 1, 2, 3, 4] };
  const fast = { x: [0, 1, 2, 3, 4, 11, 12, 40, 50], steps: [0, 10, 20, 30, 40, 50, 60, 70, 80] };
  assert.deepEqual(stepsOfOtherAxis([slow], [12, 18]), { from: 1, to: 2 });
  assert.deepEqual(stepsOfOtherAxis([slow, fast], [12, 18]), { from: 1, to: 70 });
});

test("of an axis that goes back and forth, a zoom covers every visit", () => {
  const cyclic = { x: [0, 1, 0, 1, NaN, 0.2, 0.1], steps: [0, 10, 20, 30, 40, 50, 60] };
  assert.deepEqual(stepsOfOtherAxis([cyclic], [0.9, 1]), { from: 0, to: 30 });
});

test("curves whose points do not match by number are not gone by", () => {
  assert.equal(stepsOfOtherAxis([{ x: [1, 2], steps: [1] }], [0, 5]), null);
});
