import assert from "node:assert/strict";
import { test } from "node:test";
import {
  extent,
  formatCount,
  formatTick,
  linearTicks,
  logTicks,
  lowerBound,
  nearestIndex,
  padded,
  percentile,
  share,
  withoutOutliers,
} from "../src/model/scale.ts";

test("the nearest point is found by halving, also outside of the curve", () => {
  const x = [0, 10, 20, 35];
  assert.deepEqual(
    [-5, 4, 6, 15, 27, 28, 99].map((value) => nearestIndex(x, value)),
    [0, 0, 1, 1, 2, 3, 3],
  );
});

test("an empty curve has no nearest point", () => {
  assert.equal(nearestIndex([], 3), -1);
});

test("the nearest of every position agrees with a scan of all points", () => {
  const x = Float64Array.from({ length: 50 }, (_, index) => index ** 1.7);
  for (let wanted = -3; wanted < 800; wanted += 1.3) {
    const scanned = x.reduce((best, value, index) => (Math.abs(value - wanted) < Math.abs((x[best] as number) - wanted) ? index : best), 0);
    assert.equal(nearestIndex(x, wanted), scanned);
  }
});

test("the lower bound is the first value that is not below", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((value) => lowerBound([1, 3, 3], value)),
    [0, 0, 1, 1, 3],
  );
});

test("percentiles lie between neighbours in proportion and skip what is not finite", () => {
  assert.equal(percentile([4, 1, NaN, 3, 2, Infinity], 0.5), 2.5);
  assert.equal(percentile([10, 20, 30, 40, 50], 0.05), 12);
  assert.ok(Number.isNaN(percentile([NaN], 0.5)));
});

test("one spike among a hundred values does not stretch the clipped range", () => {
  const values = Array.from({ length: 101 }, (_, index) => index);
  values[50] = 1e9;
  const [low, high] = withoutOutliers(values) as [number, number];
  assert.ok(low < 6 && high < 100);
});

test("a flat curve gets room above and below", () => {
  assert.deepEqual(padded([5, 5], false), [4.5, 5.5]);
  assert.deepEqual(padded([0, 0], false), [-1, 1]);
  assert.deepEqual(padded([1, 1], true), [0.5, 2]);
});

test("linear ticks are round and inside the range", () => {
  assert.deepEqual(linearTicks([0, 1], 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(linearTicks([-13, 21], 4), [-10, 0, 10, 20]);
});

test("log ticks are powers of ten, with 2 and 5 between them where there is room", () => {
  assert.deepEqual(logTicks([0.001, 1000], 6), [0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  assert.deepEqual(logTicks([1, 20], 6), [1, 2, 5, 10, 20]);
});

test("a log axis within one power of ten still has ticks", () => {
  assert.deepEqual(logTicks([0.2, 0.5], 3), [0.2, 0.3, 0.4, 0.5]);
});

test("a value that a log axis cannot show has no place on it", () => {
  assert.equal(share(10, [1, 100], true), 0.5);
  assert.ok(Number.isNaN(share(0, [1, 100], true)));
  assert.deepEqual(extent([-1, 0, 2, 8, NaN], true), [2, 8]);
  assert.equal(extent([0, -3], true), null);
});

test("ticks read short, and the thousands of counts stand apart", () => {
  assert.equal(formatCount(1_234_567), "1 234 567");
  assert.deepEqual(
    [1500, 2e7, 0.25, 1e-5, 0].map((value) => formatTick(value)),
    ["1.5k", "20M", "0.25", "1e-5", "0"],
  );
});

test("a tick of a share is in percent", () => {
  assert.equal(formatTick(0.07, "%"), "7");
  assert.equal(formatTick(0.5, "s"), "0.5");
});
