import assert from "node:assert/strict";
import { test } from "node:test";
import type { Recorded } from "../src/data/types.ts";
import { flightMap, heatOf, placeText } from "../src/model/flight.ts";

const recorded: Recorded = {
  step: 3,
  time: "2026-01-01T00:00:00Z",
  verdict: null,
  findings: [],
  tensors: ["a.weight", "b.weight"],
  steps: [1, 2, 3].map((step) => ({
    step,
    epoch: 2,
    batch: step,
    learning_rate: 0.1,
    samples: ["17", "912"],
    weight: [1, 1],
    gradient: [step === 3 ? "NaN" : 0.5, step === 3 ? 20 : 2],
    change: [null, 0],
  })),
};

test("a place is as hot as it is far from what is usual", () => {
  const heats = [null, Number.NaN, Number.POSITIVE_INFINITY, 0, 1, 2, 8, 64].map((value) => heatOf(value, 1));
  assert.deepEqual(heats, ["none", "broken", "broken", "gone", "usual", "twice", "eightfold", "far"]);
});

test("a map has a place for each tensor and step", () => {
  assert.deepEqual(flightMap(recorded, "gradient").heat, ["usual", "usual", "broken", "usual", "usual", "eightfold"]);
  assert.deepEqual(flightMap(recorded, "change").heat.slice(0, 3), ["none", "none", "none"]);
});

test("a place is told with its value and its batch", () => {
  const map = flightMap(recorded, "gradient");
  const text = placeText(recorded, "gradient", map, 1, 2);
  assert.equal(text, "step 3 · b.weight · gradient 20 · 10 × usual · batch 3 of epoch 2 · samples 17, 912".replace(" · 10", ", 10"));
  assert.equal(placeText(recorded, "gradient", map, 7, 0), "");
});
