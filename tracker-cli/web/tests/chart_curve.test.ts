import assert from "node:assert/strict";
import { test } from "node:test";
import { curvesOf, curvesOfLines, standsFor } from "../src/chart/curve.ts";
import { xExtent, yExtent } from "../src/chart/extent.ts";
import { nearby, rowsAround } from "../src/chart/nearby.ts";
import { notesOf } from "../src/chart/notes.ts";
import type { Frame } from "../src/chart/paint.ts";
import { tellGroup } from "../src/chart/tooltip.ts";
import type { Series } from "../src/data/curves.ts";

function series(run: string, x: number[], y: number[], more: Partial<Series> = {}): Series {
  return {
    metric: "loss",
    run,
    x: Float64Array.from(x),
    last: Float64Array.from(y),
    exact: true,
    total: x.length,
    firstStep: 0,
    lastStep: 0,
    notFinite: [],
    diverged: null,
    alerts: [],
    ...more,
  };
}

const plain = { grouped: false, center: "mean", band: "minmax" } as const;
const linear = { xLog: false, yLog: false };
const runs = (...ids: string[]) => ids.map((id) => ({ id, label: id, color: "#000000", dash: 0, group: "seeds" }));
function drawn(all: Series[], options: Parameters<typeof curvesOf>[2] = plain) {
  const known = new Map(all.map((one) => [one.run, one]));
  return curvesOf(runs(...known.keys()), (run) => known.get(run), options);
}
const plane: Frame = { left: 0, top: 0, width: 100, height: 100, xRange: [0, 100], yRange: [0, 100], xLog: false, yLog: false, ratio: 1 };

test("a run without points draws nothing", () => {
  assert.equal(drawn([series("a", [], []), series("b", [0], [1])]).length, 1);
});

test("a metric as x axis that goes back is put in order", () => {
  const [curve] = drawn([series("a", [3, 1, NaN, 2], [30, 10, 99, 20])]);
  assert.deepEqual(
    [[...Array.from(curve?.x ?? [])], [...Array.from(curve?.y ?? [])]],
    [
      [1, 2, 3],
      [10, 20, 30],
    ],
  );
});

test("a smoothed curve keeps the logged values behind it", () => {
  const [curve] = drawn([series("a", [0, 1], [4, 0], { smooth: Float64Array.from([4, 2]) })]);
  assert.deepEqual(
    [[...Array.from(curve?.y ?? [])], [...Array.from(curve?.raw ?? [])]],
    [
      [4, 2],
      [4, 0],
    ],
  );
});

test("runs of one group become one curve with a band", () => {
  const [curve, ...others] = drawn([series("a", [0, 1], [1, 2]), series("b", [0, 1], [3, 4])], { ...plain, grouped: true });
  assert.equal(others.length, 0);
  assert.deepEqual([curve?.label, curve?.runs, [...Array.from(curve?.y ?? [])]], ["seeds, n = 2", ["a", "b"], [2, 3]]);
});

test("a group says how many of its runs have points, in all and at a step", () => {
  const known = [series("a", [0, 1], [1, 2]), series("b", [0], [3])];
  const members = [...runs("a", "b", "c")];
  const [curve] = curvesOf(members, (run) => known.find((each) => each.run === run), { ...plain, grouped: true, band: "t95" });
  assert.ok(curve);
  assert.deepEqual([curve.label, Array.from(curve.counts ?? [])], ["seeds, n = 2 of 3", [2, 1]]);
  const row = nearby([curve], plane, 0, 50).rows[0];
  assert.ok(row?.group);
  assert.equal(tellGroup(row.group, curve), "[-10.7062, 14.7062]");
  assert.equal(tellGroup({ runs: 1, low: NaN, high: NaN }, curve), "1 of 2 runs", "a single run has no interval");
});

test("extremes belong to the picture, and clipping leaves the data alone", () => {
  const y = Array.from({ length: 100 }, () => 1);
  y[40] = 1000;
  const curves = drawn([
    series(
      "a",
      y.map((_, at) => at),
      y,
    ),
  ]);
  const whole = yExtent(curves, [0, 99], { log: false, clip: false }) as [number, number];
  const clipped = yExtent(curves, [0, 99], { log: false, clip: true }) as [number, number];
  assert.ok(whole[1] > 1000 && clipped[1] < 2);
  assert.equal(curves[0]?.y[40], 1000);
});

test("a single point has room around it, and a log axis begins at the first position above 0", () => {
  assert.deepEqual(xExtent(drawn([series("a", [10], [1])]), false), [9, 11]);
  assert.deepEqual(xExtent(drawn([series("a", [0, 1, 100], [1, 1, 1])]), true), [1, 100]);
  assert.equal(xExtent(drawn([series("a", [0], [1])]), true), null);
});

test("the tooltip lists the greatest value first and knows the nearest curve", () => {
  const curves = drawn([series("low", [0, 100], [10, 10]), series("high", [0, 100], [90, 90]), series("nan", [0, 100], [NaN, NaN])]);
  const found = nearby(curves, plane, 40, 85);
  assert.deepEqual(
    found.rows.map(({ curve }) => curve.id),
    ["high", "low", "nan"],
  );
  assert.equal(found.nearest?.curve.id, "low");
});

test("a curve that ended long before the pointer is not listed", () => {
  const curves = drawn([series("short", [0, 10], [1, 1]), series("long", [0, 100], [2, 2])]);
  assert.deepEqual(
    nearby(curves, plane, 80, 50).rows.map(({ curve }) => curve.id),
    ["long"],
  );
});

test("of many rows those around the nearest are shown, and the others are counted", () => {
  const curves = drawn(Array.from({ length: 40 }, (_, at) => series(`r${at}`, [0, 100], [at * 2.5, at * 2.5])));
  const { shown, above, below } = rowsAround(nearby(curves, plane, 50, 50), 15);
  assert.deepEqual([shown.length, above + below, shown[7]?.curve.id], [15, 25, "r20"]);
});

test("a curve that ends in NaN diverged, and one that comes back has a gap", () => {
  const notFinite = [{ step: 812, x: 812, lastX: 830, value: "NaN" as const, count: 3 }];
  const diverged = drawn([series("a", [0, 812], [1, NaN], { notFinite, diverged: { step: 812, x: 812, value: "NaN" } })]);
  const back = drawn([series("b", [0, 812, 900], [1, NaN, 2], { notFinite })]);
  assert.deepEqual(notesOf(diverged, linear), [{ name: "a", text: "diverged at step 812: NaN", title: "a diverged at step 812: NaN" }]);
  assert.deepEqual(notesOf(back, linear), [{ name: "b", text: "has NaN at step 812", title: "b has NaN at step 812" }]);
});

test("an infinity that passed is not where a curve diverged", () => {
  const spike = { step: 400, x: 400, lastX: 400, value: "Infinity" as const, count: 1 };
  const end = { step: 915, x: 915, lastX: 999, value: "NaN" as const, count: 85 };
  const curves = drawn([series("a", [0, 400, 914, 915, 999], [1, Infinity, 2, NaN, NaN], { notFinite: [spike, end], diverged: end })]);
  assert.deepEqual(notesOf(curves, linear), [{ name: "a", text: "diverged at step 915: NaN", title: "a diverged at step 915: NaN" }]);
});

test("of several curves that diverged one is named, and the title names all", () => {
  const gap = [{ step: 5, x: 5, lastX: 5, value: "NaN" as const, count: 1 }];
  const end = [{ step: 9, x: 9, lastX: 9, value: "NaN" as const, count: 1 }];
  const curves = drawn([
    series("gap", [0, 5, 9], [1, NaN, 1], { notFinite: gap }),
    series("end", [0, 9], [1, NaN], { notFinite: end, diverged: end[0] ?? null }),
  ]);
  assert.deepEqual(notesOf(curves, linear), [
    {
      name: "end",
      text: "diverged at step 9: NaN",
      rest: ", and 1 more with values that are not finite",
      title: "end diverged at step 9: NaN\ngap has NaN at step 5",
    },
  ]);
});

test("a group is drawn in the colour of its runs", () => {
  const [curve] = drawn([series("a", [0], [1]), series("b", [0], [3])], { ...plain, grouped: true });
  assert.equal(curve?.color, "#000000");
});

test("points that a log axis cannot show are counted in words", () => {
  const curves = drawn([series("a", [0, 1, 2], [0, -1, 5])]);
  assert.deepEqual(notesOf(curves, { xLog: false, yLog: true }), [{ text: "2 points at or below 0 cannot stand on a log axis" }]);
});

test("in a chart of several metrics a run's curves share its colour, and the dash is the metric's", () => {
  const lines = ["loss", "accuracy"].map((metric) => ({ metric, title: metric, unit: metric === "loss" ? undefined : "%" }));
  const curves = curvesOfLines(runs("a", "b"), lines, ({ metric }, run) => series(run, [0, 1], [1, metric === "loss" ? 2 : 3]), plain);
  assert.deepEqual(
    curves.map(({ label, dash, unit }) => [label, dash, unit]),
    [
      ["a · loss", 0, undefined],
      ["b · loss", 0, undefined],
      ["a · accuracy", 1, "%"],
      ["b · accuracy", 1, "%"],
    ],
  );
  assert.equal(curves[0]?.color, curves[2]?.color);
  assert.equal(new Set(curves.map(({ id }) => id)).size, 4);
  assert.equal(curves.filter((curve) => standsFor(curve, "a")).length, 2);
});
