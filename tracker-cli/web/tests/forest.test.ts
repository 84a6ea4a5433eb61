import assert from "node:assert/strict";
import { test } from "node:test";
import { forest, forestRow } from "../src/model/forest.ts";

test("all intervals and zero lie on the axis, in their order", () => {
  const rows = [forestRow("wide", 0.4, [0.1, 0.7]), forestRow("deep", 1.9, [1.5, 2.3])];
  const { zero, marks, ticks } = forest(rows, 5);
  const [wide, deep] = marks;
  assert.ok(wide && deep);
  const places = [0, zero, wide.from, wide.at, wide.to, deep.from, deep.at, deep.to, 1];
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.ok(ticks.length >= 2 && ticks.some(({ value, at }) => value === 0 && Math.abs(at - zero) < 1e-12));
});

test("what cannot be told has no mark, and one without an interval has a point", () => {
  const rows = [forestRow("few", null, null), forestRow("point", -1, null), forestRow("odd", "NaN", ["NaN", "Infinity"])];
  const { zero, marks } = forest(rows, 5);
  assert.equal(marks[0], null);
  assert.equal(marks[2], null);
  assert.ok(marks[1] && marks[1].from === marks[1].at && marks[1].at < zero);
});

test("without any difference there is an axis around zero", () => {
  assert.equal(forest([], 5).zero, 0.5);
  assert.equal(forest([forestRow("same", 0, [0, 0])], 5).marks[0]?.at, 0.5);
});
