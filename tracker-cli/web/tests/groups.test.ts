import assert from "node:assert/strict";
import { test } from "node:test";
import { REACH_OF_95 } from "../src/data/student.ts";
import { groupLine, reachOf95 } from "../src/model/groups.ts";

const seeds = [
  { x: [0, 10, 20], y: [1, 2, 3] },
  { x: [0, 10, 20], y: [2, 4, 6] },
  { x: [0, 10, 20], y: [6, 6, 9] },
];

test("the mean of three seeds is the mean at each step", () => {
  assert.deepEqual([...groupLine(seeds, "mean", "none").center], [3, 4, 6]);
});

test("the median of three seeds is the middle one", () => {
  assert.deepEqual([...groupLine(seeds, "median", "none").center], [2, 4, 6]);
});

test("the median of two seeds lies between them", () => {
  assert.deepEqual([...groupLine(seeds.slice(0, 2), "median", "none").center], [1.5, 3, 4.5]);
});

test("the extremes are those of the seeds", () => {
  const group = groupLine(seeds, "mean", "minmax");
  assert.deepEqual(
    [[...group.low], [...group.high]],
    [
      [1, 2, 3],
      [6, 6, 9],
    ],
  );
});

test("the standard deviation is that of a sample", () => {
  // 2, 4 and 6 around 4: squares 4 + 0 + 4 over 2.
  const group = groupLine(seeds, "mean", "std");
  assert.deepEqual([group.low[1], group.high[1]], [2, 6]);
});

test("the standard error is the deviation over the root of the runs", () => {
  const group = groupLine(seeds, "mean", "stderr");
  assert.ok(Math.abs((group.high[1] as number) - (4 + 2 / Math.sqrt(3))) < 1e-12);
});

test("seeds that log at different steps are read between their points", () => {
  const group = groupLine(
    [
      { x: [0, 4], y: [0, 8] },
      { x: [0, 2, 4], y: [0, 0, 0] },
    ],
    "mean",
    "none",
  );
  assert.deepEqual(
    [[...group.x], [...group.center]],
    [
      [0, 2, 4],
      [0, 2, 4],
    ],
  );
});

test("a seed says nothing about steps that it has not reached", () => {
  const group = groupLine(
    [
      { x: [0, 1, 2], y: [1, 1, 1] },
      { x: [0, 1], y: [3, 3] },
    ],
    "mean",
    "minmax",
  );
  assert.deepEqual(
    [[...group.center], [...group.runs], [...group.high]],
    [
      [2, 2, 1],
      [2, 2, 1],
      [3, 3, 1],
    ],
  );
});

test("a seed that diverges still counts for the steps before", () => {
  const group = groupLine(
    [
      { x: [0, 1, 2], y: [1, NaN, NaN] },
      { x: [0, 1, 2], y: [3, 5, 7] },
    ],
    "mean",
    "none",
  );
  assert.deepEqual([...group.center], [2, 5, 7]);
});

test("many positions are thinned, and the first and last stay", () => {
  const x = Array.from({ length: 10_000 }, (_, index) => index);
  const group = groupLine([{ x, y: x }], "mean", "none");
  assert.deepEqual([group.x.length, group.x[0], group.x.at(-1), group.center.at(-1)], [1500, 0, 9999, 9999]);
});

test("a group of empty curves is empty", () => {
  assert.equal(groupLine([{ x: [], y: [] }], "mean", "std").x.length, 0);
});

test("the 95 % interval of the mean is that of Student's t", () => {
  // scipy.stats.t.interval(0.95, 2, 4, scipy.stats.sem([2, 4, 6]))
  const group = groupLine(seeds, "mean", "t95");
  assert.ok(Math.abs((group.low[1] as number) - -0.968_275_5) < 1e-5);
  assert.ok(Math.abs((group.high[1] as number) - 8.968_275_5) < 1e-5);
  const alone = groupLine(seeds.slice(0, 1), "mean", "t95");
  assert.ok(Number.isNaN(alone.low[0]), "one run has no interval, rather than one of no width");
});

test("beyond the table the reach goes on as it ends, down to that of the normal distribution", () => {
  const [before, last] = REACH_OF_95.slice(-2) as [number, number];
  const next = reachOf95(REACH_OF_95.length + 1);
  assert.ok(next < last && last - next < before - last);
  assert.ok(Math.abs(reachOf95(200) - 1.971_896) < 2e-6, "scipy.stats.t.ppf(0.975, 200)");
  assert.ok(Math.abs(reachOf95(1e9) - 1.959_964) < 1e-6);
  assert.ok(Number.isNaN(reachOf95(0)));
});
