import assert from "node:assert/strict";
import { test } from "node:test";
import type { Curve } from "../src/chart/curve.ts";
import { hitAt } from "../src/chart/hit.ts";
import { ticksOf, wordsNear } from "../src/chart/marks.ts";
import type { ChartOptions, ChartRun } from "../src/chart/types.ts";
import type { Mark } from "../src/data/types.ts";

const OPTIONS: ChartOptions = {
  x: "step",
  xLog: false,
  yLog: false,
  smooth: 0,
  clipOutliers: false,
  band: "none",
  center: "mean",
  grouped: false,
};

const RUN: ChartRun = { id: "a", label: "a", color: "#000", dash: 0, started: Date.parse("2026-01-01T12:00:00Z") / 1000 };

const CURVE: Curve = {
  id: "a",
  label: "a",
  color: "#000",
  dash: 0,
  runs: ["a"],
  best: false,
  grouped: false,
  x: Float64Array.from([0, 100]),
  y: Float64Array.from([5, 7]),
  notFinite: [],
  diverged: null,
  alerts: [],
};

const mark = (kind: Mark["kind"], step: number, more: Partial<Mark> = {}): Mark => ({
  kind,
  level: "warning",
  step,
  last_step: step,
  time: "2026-01-01T12:00:30Z",
  count: 1,
  text: `${kind} at ${step}`,
  metric: null,
  ...more,
});

const FRAME = { left: 0, top: 0, width: 100, height: 50, xRange: [0, 100], yRange: [0, 10], xLog: false, yLog: false, ratio: 1 } as const;

function ticks(marks: Mark[], x = "step"): ReturnType<typeof ticksOf> {
  const props = { marks: new Map([["a", marks]]), runs: [RUN], lines: [{ title: "loss", metric: "loss" }], options: { ...OPTIONS, x } };
  return ticksOf([CURVE, { ...CURVE, id: "a\n1", line: 1 }], props);
}

test("a mark stands at its step or its time, once a run, and nowhere on another axis", () => {
  const found = ticks([mark("message", 40)]);
  assert.deepEqual(
    found.map(({ x }) => x),
    [40],
  );
  assert.equal(ticks([mark("message", 40)], "relative")[0]?.x, 30);
  assert.equal(ticks([mark("message", 40)], "wall")[0]?.x, Date.parse("2026-01-01T12:00:30Z") / 1000);
  assert.deepEqual(ticks([mark("message", 40)], "epoch"), []);
});

test("an alert of a metric of the chart is left to the chart's own diamond, and a fork stands on its curve", () => {
  const found = ticks([mark("alert", 1, { metric: "loss" }), mark("alert", 2, { metric: "norm" }), mark("fork", 100)]);
  assert.deepEqual(
    found.map(({ kind, x, on }) => [kind, x, on?.y]),
    [
      ["alert", 2, undefined],
      ["fork", 100, 7],
    ],
  );
});

test("the words of what is near the pointer are few, and say how many more there are", () => {
  const many = ticks([
    mark("message", 50, { count: 9, last_step: 60 }),
    ...[51, 52, 53, 54].map((step) => mark("message", step)),
    mark("knob", 90),
  ]);
  const words = wordsNear(many, FRAME as never, 50);
  assert.equal(words[0], "▎ steps 50 to 60: 9 messages, message at 50");
  assert.equal(words[1], "▎ step 51: message at 51");
  assert.equal(words.at(-1), "and 1 more here");
  assert.deepEqual(wordsNear(many, FRAME as never, 10), []);
});

test("a click on a spike means the point that stands for it, though its last value lies elsewhere", () => {
  const flat = Float64Array.from({ length: 101 }, () => 1);
  const x = Float64Array.from({ length: 101 }, (_, at) => at);
  const high = Float64Array.from(flat);
  high[40] = 9;
  const spiky: Curve = { ...CURVE, x, y: flat, low: flat, high };
  const hit = hitAt([{ ...CURVE, id: "b", x, y: flat }, spiky], FRAME as never, 41, 8);
  assert.equal(hit?.curve, spiky);
  assert.equal(hit?.at, 40);
  assert.ok(Math.abs((hit?.value ?? 0) - 8.4) < 1e-9, "the value under the pointer");
  assert.equal(hitAt([spiky], FRAME as never, 80, 45)?.at, 80);
  assert.equal(hitAt([], FRAME as never, 80, 45), null);
});
