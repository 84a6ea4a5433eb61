import assert from "node:assert/strict";
import { test } from "node:test";
import { completions } from "../src/model/formula_completion.ts";
import { tellFormula } from "../src/model/formula_text.ts";

const known = new Set(["train/loss", "valid/loss", "valid/accuracy", "my metric"]);
const offered = (typed: string): string[] => completions(typed, known, 5).map(tellFormula);

test("the last word of a formula is completed to a metric, and what is open is closed", () => {
  assert.deepEqual(offered("train/loss - va"), ["train/loss - valid/loss", "train/loss - valid/accuracy"]);
  assert.deepEqual(offered("max(exp(train/loss), vloss"), ["max(exp(train/loss), valid/loss)"]);
  assert.deepEqual(offered("1 - my"), ["1 - `my metric`"]);
});

test("a word alone, a formula that is wrong before it, and a word that no metric has are not completed", () => {
  assert.deepEqual(offered("va"), []);
  assert.deepEqual(offered("nope - va"), []);
  assert.deepEqual(offered("train/loss - zzz"), []);
  assert.deepEqual(offered("train/loss - "), []);
});
