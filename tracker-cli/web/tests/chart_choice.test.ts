import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatChoice,
  freeKey,
  keptChoices,
  keyOfMetric,
  linesOf,
  parseChoice,
  parseChoices,
  saysNothing,
  usualChoice,
  withChoice,
  withLine,
  withoutLine,
} from "../src/model/chart_choice.ts";

const loss = usualChoice(keyOfMetric("train/loss"));
const both = withLine(loss, { metric: "valid/loss" });

test("a metric's own chart shows the metric, and what is added to it", () => {
  assert.deepEqual(linesOf(loss), [{ metric: "train/loss" }]);
  assert.deepEqual(linesOf(both), [{ metric: "train/loss" }, { metric: "valid/loss" }]);
  assert.deepEqual(withLine(both, { metric: "valid/loss" }), both);
});

test("a choice comes back from its word, whatever metrics and charts are called", () => {
  const odd = { ...withLine(usualChoice("c:3"), { metric: "a&b=c %/ü" }), name: "<b>+1</b>" };
  for (const choice of [both, odd]) assert.deepEqual(parseChoice(formatChoice(choice)), choice);
});

test("words that name no chart, or say nothing, are no choice", () => {
  for (const word of ["", "m=loss", "of=x", "of=m%3Aloss", "of=c%3A1", "of=m%3Aloss&m=loss"]) assert.equal(parseChoice(word), null, word);
});

test("of two words for one chart the first counts", () => {
  assert.deepEqual(parseChoices(["of=c%3A1&m=a", "of=c%3A1&m=b"]).map(linesOf), [[{ metric: "a" }]]);
});

test("a chart that shows its own metric again says nothing and is forgotten", () => {
  const again = withoutLine(both, { metric: "valid/loss" });
  assert.ok(saysNothing(again));
  assert.deepEqual(withChoice([both], again), []);
});

test("a metric's own chart may show another one alone", () => {
  assert.deepEqual(linesOf(withoutLine(both, { metric: "train/loss" })), [{ metric: "valid/loss" }]);
});

test("an added chart without a metric is gone, and its number is free again", () => {
  const [first, second] = [withLine(usualChoice("c:1"), { metric: "a" }), withLine(usualChoice("c:2"), { metric: "b" })];
  assert.equal(freeKey([first, second]), "c:3");
  const left = withChoice([first, second], withoutLine(first, { metric: "a" }));
  assert.deepEqual(left, [second]);
  assert.equal(freeKey(left), "c:1");
});

test("a zoom stands in the word with its axis, and is not kept", () => {
  const zoomed = { ...both, zoom: { x: "metric:my tokens", range: [0.5, 1e6] as [number, number] } };
  assert.deepEqual(parseChoice(formatChoice(zoomed)), zoomed);
  assert.deepEqual(keptChoices([zoomed, { ...loss, zoom: zoomed.zoom }]), [both]);
  for (const word of ["1 x step", "2 1 step", "1 2", "NaN 2 step", ""])
    assert.equal(parseChoice(`of=c%3A1&m=a&zoom=${word}`)?.zoom, null, word);
});
