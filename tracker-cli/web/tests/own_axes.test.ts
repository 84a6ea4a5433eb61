import assert from "node:assert/strict";
import { test } from "node:test";
import { formatChoice, keyOfMetric, parseChoice, usualChoice, withLine, withOtherAxis } from "../src/model/chart_choice.ts";
import { differing, parseBound, shownBound, tellAxes, withOwnAxes } from "../src/model/own_axes.ts";

const shared = { x: "step", yLog: false, clipOutliers: true, smooth: 0.5 };

test("a chart's own axes count over those of all, and what it leaves out is as the others have it", () => {
  assert.deepEqual(withOwnAxes(shared, { yLog: true, low: 0 }), { ...shared, yLog: true, low: 0 });
  assert.deepEqual(withOwnAxes(shared, {}), shared);
});

test("what all charts have anyway is not its own", () => {
  assert.deepEqual(differing({ yLog: false, clip: true, smooth: 0.9, high: 2 }, shared), { smooth: 0.9, high: 2 });
  assert.deepEqual(differing({ clip: false }, shared), { clip: false });
});

test("axes and sides come back from the word of the choice", () => {
  const choice = withOtherAxis(withLine(usualChoice(keyOfMetric("a")), { metric: "b" }), { metric: "b" });
  for (const axes of [{ yLog: true, clip: false, smooth: 0, low: -1e-9, high: 3 }, {}])
    assert.deepEqual(parseChoice(formatChoice({ ...choice, axes })), { ...choice, axes });
});

test("a chart of one metric with a log axis says something", () => {
  assert.equal(formatChoice({ ...usualChoice(keyOfMetric("a")), axes: { yLog: true } }), "of=m%3Aa&ylog=1");
});

test("words that are no numbers leave the axes as they are", () => {
  assert.equal(parseChoice("of=m%3Aa&smooth=x&low=NaN&high=Infinity&ylog=2"), null);
  assert.deepEqual(parseChoice("of=m%3Aa&smooth=7")?.axes, { smooth: 0.99 });
});

test("what is typed as a bound is a number, nothing, or wrong", () => {
  const bounds = ["", " ", "1e-3", "-2", "x", "Infinity"].map((typed) => parseBound(typed));
  assert.deepEqual(bounds, [undefined, undefined, 0.001, -2, null, null]);
  assert.deepEqual([parseBound("7", "%"), shownBound(0.07, "%"), shownBound(undefined)], [0.07, "7", ""]);
});

test("the mark says in words what is the chart's own", () => {
  assert.equal(tellAxes({ yLog: true, clip: false, smooth: 0.6, low: 0 }), "log y, with outliers, smoothed by 0.60, y from 0");
  assert.equal(tellAxes({ smooth: 0, low: 1, high: 2 }), "not smoothed, y from 1 to 2");
});
