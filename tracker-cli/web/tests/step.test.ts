import assert from "node:assert/strict";
import { test } from "node:test";
import { placeAfterKey } from "../src/chart/cursor_keys.ts";
import { stepOfValue } from "../src/chart/picked.ts";
import { signed } from "../src/model/delta.ts";
import { firstWords, placeWords } from "../src/model/divergence.ts";
import { firstBehind, isStep, lastBefore, placeUpTo, together } from "../src/model/step.ts";
import { formatRoute, parseRoute } from "../src/model/url_state.ts";

const GREATEST = "18446744073709551615";

test("every integer of 64 bits is a step, and nothing else", () => {
  for (const text of ["0", "812", "9007199254740993", GREATEST]) assert.ok(isStep(text), text);
  for (const text of ["", "-1", "1.5", "1e3", " 1", "18446744073709551616", "0x10"]) assert.ok(!isStep(text), text);
});

test("the steps around one are found with all digits", () => {
  const steps = [10, "9007199254740993", 30, GREATEST];
  assert.equal(lastBefore(steps, "9007199254740993"), "30");
  assert.equal(firstBehind(steps, "30"), "9007199254740993");
  assert.equal(firstBehind(steps, GREATEST), null);
  assert.equal(lastBefore(steps, "10"), null);
});

test("a step that is not there gives the last one before it", () => {
  assert.equal(placeUpTo([10, 20, 30], ""), 2);
  assert.equal(placeUpTo([10, 20, 30], "25"), 1);
  assert.equal(placeUpTo([10, 20, 30], "5"), 0);
  assert.equal(placeUpTo(["9007199254740992", "9007199254740993"], "9007199254740992"), 0);
  assert.equal(placeUpTo([], ""), -1);
});

test("steps of several runs stand together in the order of their numbers", () => {
  assert.deepEqual(
    together([
      [100, 20],
      ["9007199254740993", 100],
    ]),
    ["20", "100", "9007199254740993"],
  );
});

test("the step of the page and the baseline come back from the address, and what is no step does not", () => {
  const route = parseRoute("/p/mnist", `?step=${GREATEST}&told=1&base=01K&marks=all`);
  assert.ok(route.page === "project");
  const { step, told, baseline, marks } = route.view;
  assert.deepEqual([step, told, baseline, marks], [GREATEST, true, "01K", "all"]);
  assert.equal(formatRoute(route), `/p/mnist?step=${GREATEST}&told=1&base=01K&marks=all`);
  const other = parseRoute("/p/mnist", "?step=12.5&marks=some");
  assert.ok(other.page === "project");
  assert.deepEqual([other.view.step, other.view.marks], ["", "warnings"]);
});

test("keys move along a curve, end at its ends, and others do nothing", () => {
  const x = Float64Array.from([0, 10, 20, 30]);
  assert.equal(placeAfterKey(x, null, "ArrowRight", false), 0);
  assert.equal(placeAfterKey(x, null, "ArrowLeft", false), 3);
  assert.equal(placeAfterKey(x, 10, "ArrowRight", false), 2);
  assert.equal(placeAfterKey(x, 30, "ArrowRight", false), 3);
  assert.equal(placeAfterKey(x, 30, "ArrowLeft", true), 0);
  assert.equal(placeAfterKey(x, 10, "End", false), 3);
  assert.equal(placeAfterKey(x, 10, "x", false), null);
  assert.equal(placeAfterKey(new Float64Array(0), null, "End", false), null);
});

test("of the points behind a bucket the one is meant whose value is nearest to the pointer", () => {
  const points = { x: Float64Array.from([5, 6, 7]), last: Float64Array.from([1, 40, 1]) };
  assert.equal(stepOfValue(points, 38), 6);
  assert.equal(stepOfValue(points, NaN), 7);
  const buckets = { ...points, max: Float64Array.from([90, 40, 1]), min: Float64Array.from([1, 1, 1]) };
  assert.equal(stepOfValue(buckets, 88), 5);
});

test("a difference has its sign, and of shares it is in percentage points", () => {
  assert.equal(signed(0, null), "±0");
  assert.equal(signed(-0.034, "%"), "-3.40 pp");
  assert.equal(signed(2, "s"), "+2 s");
});

test("the first difference is a sentence", () => {
  const at = { metric: "grad/layer2", rank: 0, step: 810, after: 800, values: [1, 2] };
  assert.equal(placeWords({ ...at, after: 809 }), "step 810");
  assert.equal(firstWords({ compared: 9, bitwise: [at] }), "They first differ at a step after 800, by 810: grad/layer2.");
  assert.match(firstWords({ compared: 9, bitwise: [] }), /^No number differs: 9 points/);
  assert.match(firstWords({ compared: 0, bitwise: [] }), /^Nothing to compare/);
});
