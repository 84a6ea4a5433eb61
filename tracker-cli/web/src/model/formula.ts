/**
 * Formulas over metrics: `train/loss - valid/loss`, `exp(loss)`, `loss / first(loss)`.
 *
 *     sum     = product { ("+" | "-") product }
 *     product = signed { ("*" | "/") signed }
 *     signed  = "-" signed | operand
 *     operand = number | metric | function "(" sum { "," sum } ")" | "(" sum ")"
 *
 * Names of metrics hold `/`, `.` and `-` as formulas do. The longest metric that is known counts, so that
 * `train/loss/2` halves `train/loss`; a name in backticks is always that of a metric.
 */
import { near } from "./near.ts";

export type Expression =
  | { kind: "number"; value: number }
  | { kind: "metric"; name: string }
  | { kind: "minus"; of: Expression }
  | { kind: "operation"; sign: Sign; left: Expression; right: Expression }
  | { kind: "call"; name: FunctionName; of: Expression[] };

export type Sign = "+" | "-" | "*" | "/";

/** How many values each function takes. `first` is the first finite value of a curve, the others work point by point. */
const FUNCTIONS = { exp: [1, 1], log: [1, 1], abs: [1, 1], sqrt: [1, 1], first: [1, 1], min: [2, Infinity], max: [2, Infinity] } as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** What is wrong with a formula, for the person who wrote it. */
export class FormulaError extends Error {}

/** Longer ones are no formulas that somebody reads. */
const MOST_LETTERS = 500;

/** Reads a formula over the known metrics; throws a `FormulaError` where it is none. */
export function parseFormula(text: string, known: Iterable<string>): Expression {
  if (text.length > MOST_LETTERS) throw new FormulaError(`a formula has at most ${MOST_LETTERS} letters`);
  const parser = new Parser(text, [...known]);
  const expression = parser.whole();
  if (metricsOf(expression).length === 0) throw new FormulaError("a formula needs a metric");
  return expression;
}

/** The metrics that a formula reads, each once. */
export function metricsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "metric":
      return [expression.name];
    case "minus":
      return metricsOf(expression.of);
    case "operation":
      return [...new Set([...metricsOf(expression.left), ...metricsOf(expression.right)])];
    case "call":
      return [...new Set(expression.of.flatMap(metricsOf))];
  }
}

const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy;
const FUNCTION = /([\p{L}_][\p{L}\d_]*)\s*\(/uy;
const QUOTED = /`((?:[^`]|``)+)`/y;
const WORD = /[^\s()+*,`]+/y;
/** What a name does not end before: `loss` is not what `loss_2` or `loss.min` begin with. */
const GOES_ON = /[\p{L}\p{N}_]|\.[\p{L}\p{N}_]/uy;

class Parser {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly known: readonly string[],
  ) {}

  whole(): Expression {
    const expression = this.sum();
    if (this.next() !== "") throw new FormulaError(`\`${this.text.slice(this.at)}\` does not belong to the formula before it`);
    return expression;
  }

  private sum(): Expression {
    let left = this.product();
    for (let sign = this.next(); sign === "+" || sign === "-"; sign = this.next()) {
      this.at += 1;
      left = { kind: "operation", sign, left, right: this.product() };
    }
    return left;
  }

  private product(): Expression {
    let left = this.signed();
    for (let sign = this.next(); sign === "*" || sign === "/"; sign = this.next()) {
      this.at += 1;
      left = { kind: "operation", sign, left, right: this.signed() };
    }
    return left;
  }

  private signed(): Expression {
    if (this.next() !== "-") return this.operand();
    this.at += 1;
    return { kind: "minus", of: this.signed() };
  }

  private operand(): Expression {
    const letter = this.next();
    if (letter === "") throw new FormulaError(this.text.trim() === "" ? "a formula needs a metric" : "the formula ends too early");
    if (letter === "(") {
      this.at += 1;
      const inner = this.sum();
      this.expect(")");
      return inner;
    }
    if (letter === "`") return this.quoted();
    return this.call() ?? this.metricOrNumber();
  }

  private quoted(): Expression {
    const name = this.match(QUOTED)?.[1]?.replaceAll("``", "`");
    if (name === undefined) throw new FormulaError("a backtick has no second one");
    return { kind: "metric", name: this.metric(name) };
  }

  private call(): Expression | null {
    const start = this.at;
    const name = this.match(FUNCTION)?.[1];
    if (name === undefined) return null;
    if (!isFunction(name)) {
      this.at = start;
      throw new FormulaError(`no function is called \`${name}\`: there are ${Object.keys(FUNCTIONS).join(", ")}`);
    }
    const of = [this.sum()];
    while (this.next() === ",") {
      this.at += 1;
      of.push(this.sum());
    }
    this.expect(")");
    const [least, most] = FUNCTIONS[name];
    if (of.length < least) throw new FormulaError(`\`${name}\` takes two values or more, such as \`${name}(a, b)\``);
    if (of.length > most) throw new FormulaError(`\`${name}\` takes one value`);
    return { kind: "call", name, of };
  }

  private metricOrNumber(): Expression {
    const start = this.at;
    const name = this.knownHere();
    const number = this.match(NUMBER)?.[0];
    if (number !== undefined && number.length >= name.length) return numberOf(number);
    this.at = start + name.length;
    if (name !== "") return { kind: "metric", name };
    const word = this.match(WORD)?.[0];
    if (word === undefined) throw new FormulaError(`\`${this.text[this.at]}\` stands where a metric or a number is needed`);
    return { kind: "metric", name: this.metric(word) };
  }

  /** The longest known metric that stands here; empty where none does. */
  private knownHere(): string {
    let longest = "";
    for (const name of this.known) {
      if (name.length <= longest.length || !this.text.startsWith(name, this.at)) continue;
      GOES_ON.lastIndex = this.at + name.length;
      if (!GOES_ON.test(this.text)) longest = name;
    }
    return longest;
  }

  private metric(name: string): string {
    if (this.known.includes(name)) return name;
    const nearest = near(name, this.known);
    const hint = nearest.length > 0 ? `; near it: ${nearest.map((each) => `\`${each}\``).join(", ")}` : "";
    throw new FormulaError(`no metric is called \`${name}\`${hint}`);
  }

  /** The letter that comes next, spaces aside. */
  private next(): string {
    while (/\s/.test(this.text[this.at] ?? "")) this.at += 1;
    return this.text[this.at] ?? "";
  }

  private expect(letter: string): void {
    const found = this.next();
    if (found !== letter)
      throw new FormulaError(
        found === "" ? `a \`${letter}\` is missing at the end` : `\`${found}\` stands where a \`${letter}\` is needed`,
      );
    this.at += 1;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }
}

function numberOf(text: string): Expression {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new FormulaError(`\`${text}\` is too large a number`);
  return { kind: "number", value };
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}
