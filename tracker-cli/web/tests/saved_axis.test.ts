import assert from "node:assert/strict";
import { test } from "node:test";
import { lastAt, secondsAt } from "../src/model/saved_axis.ts";

test("time passes evenly between known steps and stands beyond them", () => {
  const clock = { steps: [10, 20, 40], seconds: [1, 2, 6] };
  const times = [0, 10, 15, 20, 30, 40, 99].map((step) => secondsAt(clock, step));
  assert.deepEqual(times, [1, 1, 1.5, 2, 4, 6, 6]);
  assert.equal(secondsAt({ steps: [5], seconds: [3] }, 7), 3);
  assert.ok(Number.isNaN(secondsAt({ steps: [], seconds: [] }, 7)));
});

test("a metric as axis has its value at the step, or the last before it", () => {
  const values = [0, 3, 4, 8].map((step) => lastAt([3, 7], [1, 2], step));
  assert.deepEqual(values, [NaN, 1, 1, 2]);
});
