import assert from "node:assert/strict";
import { test } from "node:test";
import { FormulaError, metricsOf, parseFormula } from "../src/model/formula.ts";
import { formatFormula, readFormula, tellFormula } from "../src/model/formula_text.ts";

const KNOWN = ["train/loss", "valid/loss", "loss", "loss_2", "grad-norm", "a", "b", "max", "my metric", "odd`name", "loss.min", "2x"];
const again = (text: string): string => tellFormula(parseFormula(text, KNOWN));
const problem = (text: string): string => {
  const read = readFormula(text, KNOWN);
  assert.ok("problem" in read, `${text} was read`);
  return read.problem;
};

test("a name may hold what formulas hold, and the longest known one counts", () => {
  assert.deepEqual(metricsOf(parseFormula("train/loss - valid/loss", KNOWN)), ["train/loss", "valid/loss"]);
  assert.deepEqual(metricsOf(parseFormula("grad-norm/loss_2", KNOWN)), ["grad-norm", "loss_2"]);
  assert.deepEqual(metricsOf(parseFormula("loss.min + a/b + 2x", KNOWN)), ["loss.min", "a", "b", "2x"]);
  assert.equal(again("train/loss/2"), "train/loss / 2");
});

test("a name in backticks is a metric, whatever it is called", () => {
  assert.deepEqual(metricsOf(parseFormula("`my metric` - `odd``name`", KNOWN)), ["my metric", "odd`name"]);
  assert.deepEqual(metricsOf(parseFormula("max - a", KNOWN)), ["max", "a"]);
});

test("products come before sums, and what is equally strong goes from the left", () => {
  assert.equal(again("a + b * 2"), "a + b * 2");
  assert.equal(again("(a + b) * 2"), "(a + b) * 2");
  assert.equal(again("a - (b - 1)"), "a - (b - 1)");
  assert.equal(again("a - b - 1"), "a - b - 1");
  assert.equal(again("(a - b) - 1"), "a - b - 1");
  assert.equal(again("a / b / 2"), "a / b / 2");
  assert.equal(again("a / (b * 2)"), "a / (b * 2)");
  assert.equal(again("-a * b"), "-a * b");
  assert.equal(again("-(a * b)"), "-(a * b)");
});

test("a formula comes back from the text that is kept, though more metrics are known then", () => {
  for (const text of ["train/loss - valid/loss", "exp(-a) / first(max(a, b, 1e-3))", "`my metric` * .5", "- -a", "`odd``name` + 1"]) {
    const expression = parseFormula(text, KNOWN);
    assert.deepEqual(parseFormula(formatFormula(expression), [...KNOWN, "train", "train/loss - valid/loss", "a, b"]), expression, text);
  }
});

test("an unknown metric is named, with those that are near it", () => {
  assert.equal(problem("train/los - a"), "no metric is called `train/los`; near it: `train/loss`");
  assert.equal(problem("a + zzzzzzzz"), "no metric is called `zzzzzzzz`");
  assert.equal(problem("`trian/loss`"), "no metric is called `trian/loss`; near it: `loss`, `train/loss`");
});

test("what is no formula is told in words", () => {
  assert.equal(problem(""), "a formula needs a metric");
  assert.equal(problem("1 + 2"), "a formula needs a metric");
  assert.equal(problem("a +"), "the formula ends too early");
  assert.equal(problem("(a"), "a `)` is missing at the end");
  assert.equal(problem("a b"), "`b` does not belong to the formula before it");
  assert.equal(problem("a * )"), "`)` stands where a metric or a number is needed");
  assert.equal(problem("mean(a)"), "no function is called `mean`: there are exp, log, abs, sqrt, first, min, max");
  assert.equal(problem("min(a)"), "`min` takes two values or more, such as `min(a, b)`");
  assert.equal(problem("exp(a, b)"), "`exp` takes one value");
  assert.equal(problem("a * 1e999"), "`1e999` is too large a number");
  assert.equal(problem("`a"), "a backtick has no second one");
  assert.equal(problem("toString(a)"), "no function is called `toString`: there are exp, log, abs, sqrt, first, min, max");
});

test("any text is read or refused in words, and nothing else", () => {
  const parts = ["a", "`", "(", ")", "-", "/", "max(", ",", "1e", " ", "loss.min", "\u202e", ".5", "first("];
  let seed = 7;
  for (let round = 0; round < 3000; round += 1) {
    let text = "";
    for (let at = 0; at < 8; at += 1) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      text += parts[seed % parts.length];
    }
    try {
      parseFormula(text, KNOWN);
    } catch (thrown) {
      assert.ok(thrown instanceof FormulaError, `${text}: ${String(thrown)}`);
    }
  }
  assert.match(problem("(".repeat(100_000)), /at most 500 letters/);
  assert.equal(problem("(".repeat(500)), "the formula ends too early");
});
