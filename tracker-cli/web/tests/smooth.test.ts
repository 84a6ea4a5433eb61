import assert from "node:assert/strict";
import { test } from "node:test";
import { smoothed } from "../src/model/smooth.ts";

test("the average begins at the first value and forgets by its weight", () => {
  const curve = smoothed([1, 3, NaN, 3], 0.5);
  assert.equal(curve[0], 1);
  assert.ok(Math.abs((curve[1] ?? 0) - (0.25 * 1 + 0.5 * 3) / 0.75) < 1e-12);
  assert.ok(Number.isNaN(curve[2]));
  assert.ok(Math.abs((curve[3] ?? 0) - (0.125 * 1 + 0.25 * 3 + 0.5 * 3) / 0.875) < 1e-12);
});
