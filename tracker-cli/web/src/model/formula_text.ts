/** Between a formula and its text. */
import { FormulaError, parseFormula } from "./formula.ts";
import type { Expression } from "./formula.ts";

/** The formula, or what is wrong with it. */
export function readFormula(text: string, known: Iterable<string>): Expression | { problem: string } {
  try {
    return parseFormula(text, known);
  } catch (thrown) {
    if (!(thrown instanceof FormulaError)) throw thrown;
    return { problem: thrown.message };
  }
}

/** As it is kept: names in backticks, so that it means the same whatever metrics come later. */
export function formatFormula(expression: Expression): string {
  return write(expression, (name) => `\`${name.replaceAll("`", "``")}\``);
}

/** As people read it: names that no sign of a formula stands in need no backticks. */
export function tellFormula(expression: Expression): string {
  return write(expression, (name) => (/^[\p{L}_][\p{L}\p{N}_./]*$/u.test(name) ? name : `\`${name}\``));
}

function write(expression: Expression, quote: (name: string) => string): string {
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "metric":
      return quote(expression.name);
    case "minus":
      return `-${within(expression.of, 3, quote)}`;
    case "operation": {
      const { sign, left, right } = expression;
      const strength = strengthOf(expression);
      return `${within(left, strength, quote)} ${sign} ${within(right, strength + 1, quote)}`;
    }
    case "call":
      return `${expression.name}(${expression.of.map((each) => write(each, quote)).join(", ")})`;
  }
}

/** In parentheses where it would be read otherwise without. */
function within(expression: Expression, strength: number, quote: (name: string) => string): string {
  const text = write(expression, quote);
  return strengthOf(expression) < strength ? `(${text})` : text;
}

function strengthOf(expression: Expression): number {
  if (expression.kind === "operation") return expression.sign === "+" || expression.sign === "-" ? 1 : 2;
  return expression.kind === "minus" ? 3 : 4;
}
