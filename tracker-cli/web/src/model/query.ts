/**
 * The language of the search box: bare words look for text in names, ids, tags and notes, `/…/` is a regular
 * expression over names, and anything with an operator compares: `lr < 0.01 and state = finished`,
 * `valid/loss < 0.3`, `tag = baseline`, `name ~ otter`. `and` binds tighter than `or`; `not` and
 * parentheses work.
 */
import type { Run } from "../data/types.ts";
import { configOf, isNumber, summaryOf, valueOf } from "./column.ts";
import { quoted } from "./flatten.ts";
import type { Scalar } from "./flatten.ts";
import { pattern, PatternError } from "./pattern.ts";
import type { Pattern } from "./pattern.ts";

export type Predicate = (run: Run) => boolean;

/** Where the text stops making sense, and how to write it. */
export interface QueryError {
  message: string;
  hint: string;
  position: number;
}

export type Query = { ok: true; matches: Predicate } | { ok: false; error: QueryError };

type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~";
type Token = { text: string; at: number; kind: "word" | "quoted" | "operator" | "open" | "close" };

class Failure extends Error {
  readonly error: QueryError;

  constructor(message: string, hint: string, position: number) {
    super(message);
    this.error = { message, hint, position };
  }
}

/** Reads what was typed; an empty text matches every run. */
export function parseQuery(text: string): Query {
  try {
    return { ok: true, matches: compile(text) };
  } catch (thrown) {
    if (thrown instanceof Failure) return { ok: false, error: thrown.error };
    throw thrown;
  }
}

function compile(text: string): Predicate {
  const trimmed = text.trim();
  if (trimmed === "") return () => true;
  const slashed = /^\/(.+)\/(i?)$/.exec(trimmed);
  if (slashed) return nameMatches(regex(slashed[1] ?? "", slashed[2] === "i", 1));
  const tokens = tokenize(text);
  return tokens.some((token) => token.kind === "operator") ? new Parser(tokens, text.length).parse() : containsAll(tokens);
}

function nameMatches(found: Pattern): Predicate {
  return (run) => found.test(run.name);
}

function regex(source: string, ignoreCase: boolean, at: number): Pattern {
  try {
    return pattern(source, ignoreCase);
  } catch (thrown) {
    if (thrown instanceof PatternError) throw new Failure(`“${source}” is not a regular expression`, thrown.message, at);
    throw thrown;
  }
}

function containsAll(tokens: Token[]): Predicate {
  const words = tokens.map((token) => token.text.toLowerCase());
  return (run) => {
    const text = [run.name, run.id, run.group ?? "", run.notes ?? "", ...run.tags].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** One match each: a quoted text, an operator, a bracket, or a word. */
const TOKEN = /\s*(?:"([^"]*)("|$)|(<=|>=|!=|!~|==|=|<|>|~)|([()])|([^\s()<>=!~"]+|!))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.trimEnd().length) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw new Failure("this cannot be read", 'quote text that holds signs: name = "a<b"', at);
    const start = at + (found[0].length - found[0].trimStart().length);
    if (found[1] !== undefined && found[2] !== '"') throw new Failure("the quotation mark is not closed", 'end the text with "', start);
    tokens.push(token(found, start));
    at = TOKEN.lastIndex;
  }
  return tokens;
}

function token(found: RegExpExecArray, at: number): Token {
  if (found[1] !== undefined) return { text: found[1], at, kind: "quoted" };
  if (found[3] !== undefined) return { text: found[3] === "==" ? "=" : found[3], at, kind: "operator" };
  if (found[4] !== undefined) return { text: found[4], at, kind: found[4] === "(" ? "open" : "close" };
  return { text: found[5] ?? "", at, kind: "word" };
}

/** Recursive descent: or, and, not, parentheses, comparison. */
class Parser {
  private at = 0;
  private readonly tokens: Token[];
  private readonly end: number;

  constructor(tokens: Token[], end: number) {
    this.tokens = tokens;
    this.end = end;
  }

  parse(): Predicate {
    const whole = this.either();
    const rest = this.peek();
    if (rest) throw new Failure(`“${rest.text}” was not expected here`, "join comparisons with `and` or `or`", rest.at);
    return whole;
  }

  private either(): Predicate {
    const parts = [this.both()];
    while (this.take("or")) parts.push(this.both());
    return parts.length === 1 ? (parts[0] as Predicate) : (run) => parts.some((part) => part(run));
  }

  private both(): Predicate {
    const parts = [this.negated()];
    while (this.take("and")) parts.push(this.negated());
    return parts.length === 1 ? (parts[0] as Predicate) : (run) => parts.every((part) => part(run));
  }

  private negated(): Predicate {
    if (!this.take("not")) return this.single();
    const inner = this.negated();
    return (run) => !inner(run);
  }

  private single(): Predicate {
    const first = this.next("a field, such as lr, state or valid/loss");
    if (first.kind === "open") return this.inBrackets(first);
    if (first.kind === "operator" || first.kind === "close") {
      throw new Failure(`“${first.text}” has no field before it`, "write a field first: lr < 0.01", first.at);
    }
    const operator = this.peek();
    if (operator?.kind !== "operator") {
      throw new Failure(
        `“${first.text}” is compared with nothing`,
        `write for example: ${first.text} = 1, or name ~ ${first.text}`,
        first.at,
      );
    }
    this.at += 1;
    const value = this.next("a value");
    if (value.kind !== "word" && value.kind !== "quoted")
      throw new Failure("a value is missing", `write for example: ${first.text} ${operator.text} 1`, value.at);
    return comparison(first.text, operator.text as Operator, value);
  }

  private inBrackets(open: Token): Predicate {
    const inner = this.either();
    if (this.peek()?.kind !== "close") throw new Failure("the bracket is not closed", "end the part with )", open.at);
    this.at += 1;
    return inner;
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private next(wanted: string): Token {
    const token = this.tokens[this.at];
    if (!token) throw new Failure(`${wanted} is missing at the end`, "for example: lr < 0.01 and state = finished", this.end);
    this.at += 1;
    return token;
  }

  private take(word: string): boolean {
    const token = this.peek();
    if (token?.kind !== "word" || token.text.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }
}

function comparison(field: string, operator: Operator, value: Token): Predicate {
  const negative = operator === "!=" || operator === "!~";
  const test = valueTest(operator, value);
  return (run) => {
    const values = fieldValues(run, field);
    return negative ? values.every((each) => !test(each)) : values.some(test);
  };
}

function valueTest(operator: Operator, value: Token): (value: Scalar) => boolean {
  if (operator === "~" || operator === "!~") {
    const found = regex(value.text, true, value.at);
    return (each) => found.test(String(each));
  }
  if (operator === "=" || operator === "!=") return (each) => isEqual(each, value);
  const bound = numberIn(value.text);
  if (value.kind === "quoted" || Number.isNaN(bound)) {
    throw new Failure(`“${value.text}” is not a number`, `${operator} compares numbers; for text use = or ~`, value.at);
  }
  return (each) => isNumber(each) && ordered(each, operator, bound);
}

/** A number equals a number however it is written; quoted, it equals only text. */
function isEqual(each: Scalar, value: Token): boolean {
  if (isNumber(each))
    return value.kind === "word" && (isSame(each, numberIn(value.text)) || (Number.isNaN(each) && value.text.toLowerCase() === "nan"));
  return String(each).toLowerCase() === value.text.toLowerCase();
}

/** Whole numbers beyond 2^53 with all their digits. */
function numberIn(text: string): number | bigint {
  const number = Number(text);
  return /^[+-]?\d{16,400}$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text.replace("+", "")) : number;
}

/** The language compares the two kinds of numbers by value, though not for equality. */
function isSame(a: number | bigint, b: number | bigint): boolean {
  return a <= b && a >= b;
}

function ordered(value: number | bigint, operator: "<" | "<=" | ">" | ">=", bound: number | bigint): boolean {
  switch (operator) {
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
  }
}

/** A run's own fields go before its config, and its config before its metrics; `config.lr` says which. */
function fieldValues(run: Run, field: string): Scalar[] {
  if (field === "tag" || field === "tags") return run.tags;
  const own = valueOf(run, field);
  if (own !== undefined && !field.includes(":")) return [own];
  const path = field.replace(/^config[.:]/, "");
  const config = configOf(run).get(path) ?? configOf(run).get(quoted(path));
  if (config !== undefined) return [config];
  const summary = summaryOf(run, field.replace(/^summary[.:]/, ""));
  return summary === null ? [] : [summary];
}
