import assert from "node:assert/strict";
import { test } from "node:test";
import type { Curve } from "../src/chart/curve.ts";
import { withBounds } from "../src/chart/extent.ts";
import { outside, tellOutside } from "../src/chart/outside.ts";

function curve(y: number[], more: Partial<Curve> = {}): Curve {
  return {
    id: "a",
    label: "a",
    color: "#000",
    dash: 0,
    runs: ["a"],
    best: false,
    grouped: false,
    x: y.map((_, at) => at),
    y,
    notFinite: [],
    diverged: null,
    alerts: [],
    ...more,
  };
}

const told = (curves: Curve[], xRange: [number, number] = [0, 99]): string => tellOutside(outside(curves, xRange, () => [0, 1]));

test("points above and below the axis are counted, and those that are not finite have marks of their own", () => {
  assert.equal(told([curve([0, 0.5, 2, 3, 4, -1, NaN, Infinity])]), "3 points above, 1 below");
  assert.equal(told([curve([2])]), "1 point above");
  assert.equal(told([curve([0, 1])]), "");
});

test("only points in sight along x count", () => {
  assert.equal(told([curve([5, 0, 0, 5])], [1, 2]), "");
});

test("a bucket whose greatest value lies above counts as one point or more", () => {
  assert.equal(told([curve([0.5, 0.5], { low: [0, 0], high: [9, 1] })]), "1 or more points above");
});

test("a mean of seeds counts by itself, and a smoothed curve by what was logged", () => {
  assert.equal(told([curve([0.5, 0.5], { low: [-3, 0], high: [9, 1], grouped: true })]), "");
  assert.equal(told([curve([0.5, 0.5], { raw: [0.5, 7] })]), "1 point above");
});

test("a typed end of the axis counts, unless a log axis has no place for it", () => {
  assert.deepEqual(withBounds([1, 10], 2, undefined, false), [2, 10]);
  assert.deepEqual(withBounds([1, 10], 0, 5, true), [1, 5]);
  assert.deepEqual(withBounds([1, 10], -1, undefined, true), [1, 10]);
});

test("an axis that begins above all values still has a length", () => {
  const [from, to] = withBounds([1, 10], 20, undefined, false);
  assert.ok(from === 20 && to > 20);
  const [least, most] = withBounds([1, 10], undefined, 0.5, true);
  assert.ok(least > 0 && least < 0.5 && most === 0.5);
});
