import assert from "node:assert/strict";
import { test } from "node:test";
import { FormulaCache } from "../src/chart/formula_cache.ts";
import { formulaSeries } from "../src/chart/formula_series.ts";
import type { Series } from "../src/data/curves.ts";
import { parseFormula } from "../src/model/formula.ts";
import { together } from "../src/model/formula_steps.ts";
import { valueOf } from "../src/model/formula_value.ts";

const columns = new Map([
  ["a", Float64Array.of(4, 1, 0, -4)],
  ["b", Float64Array.of(2, 0, 0, NaN)],
]);
const value = (text: string): number[] => [...valueOf(parseFormula(text, ["a", "b"]), columns)];

test("formulas come to what arithmetic says, point by point", () => {
  assert.deepEqual(value("a + b * 2"), [8, 1, 0, NaN]);
  assert.deepEqual(value("-(a - 1)"), [-3, -0, 1, 5]);
  assert.deepEqual(value("max(a, b, 1)"), [4, 1, 1, NaN]);
  assert.deepEqual(value("min(a, 0.5)"), [0.5, 0.5, 0, -4]);
  assert.deepEqual(value("abs(a)"), [4, 1, 0, 4]);
  assert.deepEqual(value("exp(log(a))").slice(1), [1, 0, NaN]);
  assert.deepEqual(value("sqrt(a)"), [2, 1, 0, NaN]);
});

test("a division by zero is infinite or no number, as it is where it is logged", () => {
  assert.deepEqual(value("a / b"), [2, Infinity, NaN, NaN]);
  assert.deepEqual(value("-a / b"), [-2, -Infinity, NaN, NaN]);
});

test("the first value of a curve is the same at each point, and the first finite one", () => {
  assert.deepEqual(value("a / first(a)"), [1, 0.25, 0, -1]);
  assert.deepEqual(value("first(1 / (a - 4)) * a"), [4 / -3, 1 / -3, 0 / -3, -4 / -3]);
});

test("of a part of a curve the first value is that of the whole", () => {
  const formula = parseFormula("a / first(a)", ["a"]);
  const firsts = new Map();
  valueOf(formula, columns, firsts);
  assert.deepEqual([...valueOf(formula, new Map([["a", Float64Array.of(8)]]), firsts)], [2]);
});

const points = (steps: number[], values: number[]) => ({ steps, values });

test("metrics of the same steps meet at each of them", () => {
  const found = together(
    new Map([
      ["a", points([0, 1, 2], [1, 2, 3])],
      ["b", points([0, 1, 2], [4, 5, 6])],
    ]),
  );
  assert.deepEqual(found?.at, [0, 1, 2]);
  assert.deepEqual([...(found?.columns.get("b") ?? [])], [4, 5, 6]);
});

test("at steps that only the rarer metric has, the other counts with the value before", () => {
  const train = points([0, 1, 2, 3, 4, 6, 7], [0, 1, 2, 3, 4, 6, 7]);
  const valid = points([3, 5, 8, 9, 10], [30, 50, 80, 90, 100]);
  const found = together(
    new Map([
      ["train", train],
      ["valid", valid],
    ]),
  );
  assert.equal(found?.base, "valid");
  assert.deepEqual([...(found?.columns.get("train") ?? [])], [3, 4, 7, 7], "7 is as old as the widest gap at step 9, and too old at 10");
  assert.deepEqual([...(found?.columns.get("valid") ?? [])], [30, 50, 80, 90]);
});

test("a step before the first value of a metric has no point", () => {
  const found = together(
    new Map([
      ["a", points([5, 6, 7], [1, 1, 1])],
      ["b", points([0, 6], [2, 2])],
    ]),
  );
  assert.deepEqual(found?.at, [1]);
});

function series(metric: string, x: number[], last: number[]): Series {
  return {
    metric,
    run: "r",
    x: Float64Array.from(x),
    last: Float64Array.from(last),
    exact: true,
    total: x.length,
    firstStep: 0,
    lastStep: 0,
    notFinite: [],
    diverged: null,
    alerts: [],
  };
}

const formula = parseFormula("a / b", ["a", "b"]);

test("a formula's curve stands on the axis of the chart and marks what is not finite", () => {
  const known = new Map([
    ["a", series("a", [0, 1, 2, 3], [1, 1, 1, 1])],
    ["b", series("b", [0, 1, 2, 3], [2, 0, 0, 4])],
  ]);
  const placed = series("a", [10, 20, 30, 40], [1, 1, 1, 1]);
  const get = (metric: string) => known.get(metric);
  const found = formulaSeries(formula, { seen: get, whole: get, placed: () => placed }, "r", 0);
  assert.deepEqual([...(found?.x ?? [])], [10, 20, 30, 40]);
  assert.deepEqual([...(found?.last ?? [])], [0.5, Infinity, Infinity, 0.25]);
  assert.deepEqual(found?.notFinite, [{ step: 1, x: 20, lastX: 30, value: "Infinity", count: 2 }]);
  assert.equal(found?.smooth, undefined);
});

test("a run that has not logged all metrics of a formula has no curve", () => {
  const get = (metric: string) => (metric === "a" ? series("a", [0], [1]) : series("b", [], []));
  assert.equal(formulaSeries(formula, { seen: get, whole: get, placed: get }, "r", 0), undefined);
});

test("a formula is smoothed after it is computed", () => {
  const get = (metric: string) => series(metric, [0, 1], metric === "a" ? [1, 3] : [1, 1]);
  const found = formulaSeries(formula, { seen: get, whole: get, placed: get }, "r", 0.5);
  assert.deepEqual([...(found?.last ?? [])], [1, 3]);
  assert.ok(Math.abs((found?.smooth?.[1] ?? NaN) - 7 / 3) < 1e-12);
});

test("a formula is computed once for what it is made of, and stays while curves that grew do not fit yet", () => {
  const cache = new FormulaCache();
  const known = new Map([
    ["a", series("a", [0, 1], [1, 3])],
    ["b", series("b", [0, 1], [1, 1])],
  ]);
  let placed = known.get("a");
  const get = (metric: string) => known.get(metric);
  const source = { seen: get, whole: get, placed: () => placed };
  const first = cache.series("r", formula, source, "r", 0);
  assert.equal(cache.series("r", formula, source, "r", 0), first);
  assert.notEqual(cache.series("r", formula, source, "r", 0.5), first);
  const before = cache.series("r", formula, source, "r", 0);
  known.set("a", series("a", [0, 1, 2], [1, 3, 5]));
  known.set("b", series("b", [0, 1, 2], [1, 1, 1]));
  assert.equal(cache.series("r", formula, source, "r", 0), before);
  placed = known.get("a");
  assert.deepEqual([...(cache.series("r", formula, source, "r", 0)?.last ?? [])], [1, 3, 5]);
});
