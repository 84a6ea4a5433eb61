import assert from "node:assert/strict";
import { test } from "node:test";
import { axisRanges, brushByKey, heightOn, insideBrushes } from "../src/chart/brush.ts";

const plain = { label: "loss", log: false, flip: false };
const line = (id: string, ...values: (number | null)[]) => ({ id, label: id, color: "#000000", dash: 0, values });
const lines = [line("a", 0, 1), line("b", 5, 10), line("c", 10, 100), line("d", 10, null)];

test("without a brush no run is left out", () => {
  assert.equal(insideBrushes([plain, plain], lines, [null, null]), null);
});

test("a brush keeps the runs inside of it", () => {
  assert.deepEqual(insideBrushes([plain, plain], lines, [[0.4, 1], null]), ["b", "c", "d"]);
});

test("two brushes keep the runs inside of both, and a missing value is outside", () => {
  const log = { ...plain, log: true };
  assert.deepEqual(
    insideBrushes([plain, log], lines, [
      [0.4, 1],
      [0.6, 1],
    ]),
    ["c"],
  );
});

test("a flipped axis stands on its head", () => {
  const [range] = axisRanges([plain], lines) as [[number, number]];
  assert.ok(Math.abs(heightOn(plain, range, 0) + heightOn({ ...plain, flip: true }, range, 0) - 1) < 1e-12);
});

test("categories stand evenly with half a step at both ends", () => {
  const words = { ...plain, categories: ["sgd", "adam"] };
  const [range] = axisRanges([words], [line("a", 0), line("b", 1)]) as [[number, number]];
  assert.deepEqual([heightOn(words, range, 0), heightOn(words, range, 1)], [0.25, 0.75]);
});

test("arrow keys mark, move and narrow a brush, and Escape clears it", () => {
  assert.deepEqual(brushByKey(null, "ArrowUp", false), [0.5, 1]);
  assert.deepEqual(brushByKey([0.5, 1], "ArrowUp", false), [0.5, 1]);
  assert.deepEqual(brushByKey([0.5, 1], "ArrowDown", false), [0.4, 0.9]);
  assert.deepEqual(brushByKey([0.4, 0.9], "ArrowUp", true), [0.5, 0.9]);
  assert.deepEqual(brushByKey([0.5, 0.6], "ArrowDown", true), [0.5, 0.6]);
  assert.deepEqual(brushByKey([0, 0.05], "ArrowUp", true), [0, 0.05], "narrower than the keys make it");
  assert.deepEqual(brushByKey([0.96, 1], "ArrowDown", true), [0.96, 1]);
  assert.equal(brushByKey([0.5, 0.6], "Escape", false), null);
  assert.equal(brushByKey(null, "Escape", false), undefined);
  assert.equal(brushByKey(null, "x", false), undefined);
});
