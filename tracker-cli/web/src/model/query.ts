/**
 * The language of the search box, the same as that of `tracker ls --where`: bare words look for text in names, ids, tags and notes,
 * `/…/` is a regular expression over names, and anything with an operator compares: `lr < 0.01 and state = finished`,
 * `optimizer in (adam, sgd)`, `valid/accuracy > 93 %`, `started >= 2026-11-01`, `duration < 10m`. `and` binds tighter than `or`;
 * `not` and brackets work. A field that no run has is an error.
 */
import type { Definitions, Run } from "../data/types.ts";
import { groupOf } from "./column.ts";
import { findField, knownFields } from "./query_field.ts";
import type { Field, KnownFields } from "./query_field.ts";
import { QueryFailure, tokenize } from "./query_token.ts";
import type { Operator, QueryError, Token } from "./query_token.ts";
import { isUnit, quantity, regex, valueTest } from "./query_value.ts";
import type { Test } from "./query_value.ts";

export type { QueryError } from "./query_token.ts";
export type Predicate = (run: Run) => boolean;

/** What matches, with what may be meant otherwise than it was taken; or why it makes no sense. */
export type Query = { ok: true; matches: Predicate; notes: string[] } | { ok: false; error: QueryError };

/** How deep brackets may lie within each other. */
const DEEPEST = 100;

/** Reads what was typed to find some of these runs; an empty text matches every run. */
export function parseQuery(text: string, runs: readonly Run[], definitions: Definitions): Query {
  try {
    const notes: string[] = [];
    return { ok: true, matches: compile(text, knownFields(runs, definitions), notes), notes };
  } catch (thrown) {
    if (thrown instanceof QueryFailure) return { ok: false, error: thrown.error };
    throw thrown;
  }
}

function compile(text: string, known: KnownFields, notes: string[]): Predicate {
  const slashed = /^\/(.+)\/(i?)$/.exec(text.trim());
  if (slashed) {
    const found = regex(slashed[1] ?? "", slashed[2] === "i", 1);
    return (run) => found.test(run.name);
  }
  const tokens = tokenize(text);
  return compares(tokens) ? new Parser(tokens, [...text].length, known, notes).parse() : containsAll(tokens);
}

/** Whether anything is compared; else all are words to look for. */
function compares(tokens: readonly Token[]): boolean {
  return tokens.some((token, at) => token.kind === "operator" || (isWord(token, "in") && tokens[at + 1]?.kind === "open"));
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.text.toLowerCase() === word;
}

function containsAll(tokens: readonly Token[]): Predicate {
  const words = tokens.map((token) => token.text.toLowerCase());
  return (run) => {
    const text = [run.name, run.id, groupOf(run) ?? "", run.notes ?? "", ...run.tags].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** Recursive descent: or, and, not, brackets, comparison. */
class Parser {
  private at = 0;
  private depth = 0;
  private readonly tokens: Token[];
  private readonly end: number;
  private readonly known: KnownFields;
  private readonly notes: string[];

  constructor(tokens: Token[], end: number, known: KnownFields, notes: string[]) {
    this.tokens = tokens;
    this.end = end;
    this.known = known;
    this.notes = notes;
  }

  parse(): Predicate {
    const whole = this.either();
    const rest = this.peek();
    if (rest) throw new QueryFailure(`“${rest.text}” was not expected here`, "join comparisons with `and` or `or`", rest.at);
    return whole;
  }

  private either(): Predicate {
    const parts = [this.both()];
    while (this.take("or")) parts.push(this.both());
    return (run) => parts.some((part) => part(run));
  }

  private both(): Predicate {
    const parts = [this.negated()];
    while (this.take("and")) parts.push(this.negated());
    return (run) => parts.every((part) => part(run));
  }

  private negated(): Predicate {
    let wanted = true;
    while (this.take("not")) wanted = !wanted;
    const inner = this.single();
    return (run) => inner(run) === wanted;
  }

  private single(): Predicate {
    const first = this.next("a field, such as lr, state or valid/loss");
    if (first.kind === "open") return this.inBrackets(first);
    if (first.kind === "operator" || first.kind === "close")
      throw new QueryFailure(`“${first.text}” has no field before it`, "write a field first: lr < 0.01", first.at);
    return this.comparison(first);
  }

  private inBrackets(open: Token): Predicate {
    this.depth += 1;
    if (this.depth > DEEPEST) throw new QueryFailure("too many brackets lie within each other", "leave some out", open.at);
    const inner = this.either();
    this.depth -= 1;
    if (this.peek()?.kind !== "close") throw new QueryFailure("the bracket is not closed", "end the part with )", open.at);
    this.at += 1;
    return inner;
  }

  private comparison(first: Token): Predicate {
    const isNegative = isWord(this.peek(), "not") && isWord(this.tokens[this.at + 1], "in");
    if (isNegative || isWord(this.peek(), "in")) {
      this.at += isNegative ? 2 : 1;
      const field = this.field(first);
      return anyOf(field, this.list(field), isNegative);
    }
    const name = first.text;
    const operator = this.peek();
    if (operator?.kind !== "operator")
      throw new QueryFailure(`“${name}” is compared with nothing`, `write for example: ${name} = 1, or name ~ ${name}`, first.at);
    this.at += 1;
    const field = this.field(first);
    const test = this.test(field, operator.text as Operator, this.value(name, operator.text));
    return anyOf(field, [test], operator.text.startsWith("!"));
  }

  private field(token: Token): Field {
    const { field, note } = findField(token.text, token.at, this.known);
    if (note) this.notes.push(note);
    return field;
  }

  private test(field: Field, operator: Operator, value: Token): Test {
    return valueTest(field, operator, value, (note) => this.notes.push(note));
  }

  /** A value, with the unit that may stand behind it. */
  private value(name: string, operator: string): Token {
    const value = this.next("a value");
    if (value.kind !== "word" && value.kind !== "quoted")
      throw new QueryFailure("a value is missing", `write for example: ${name} ${operator} 1`, value.at);
    const unit = this.peek();
    if (value.kind !== "word" || unit?.kind !== "word" || !isUnit(unit.text) || !quantity(value.text)) return value;
    this.at += 1;
    return { ...value, text: value.text + unit.text };
  }

  /** Values between brackets and commas. */
  private list(field: Field): Test[] {
    const open = this.next("a list, such as (1, 2)");
    const example = "write for example: seed in (1, 2)";
    if (open.kind !== "open") throw new QueryFailure("a list is missing", example, open.at);
    const tests: Test[] = [];
    for (;;) {
      const token = this.next("the end of the list, )");
      if (token.kind === "close") {
        if (tests.length === 0) throw new QueryFailure("the list is empty", example, open.at);
        return tests;
      }
      if (token.kind === "open" || token.kind === "operator")
        throw new QueryFailure(`“${token.text}” was not expected in a list`, "quote text that holds signs", token.at);
      const texts = token.kind === "quoted" ? [token.text] : token.text.split(",").filter((text) => text !== "");
      tests.push(...texts.map((text) => this.test(field, "=", { ...token, text })));
    }
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private next(wanted: string): Token {
    const token = this.tokens[this.at];
    if (!token) throw new QueryFailure(`${wanted} is missing at the end`, "for example: lr < 0.01 and state = finished", this.end);
    this.at += 1;
    return token;
  }

  private take(word: string): boolean {
    if (!isWord(this.peek(), word)) return false;
    this.at += 1;
    return true;
  }
}

function anyOf(field: Field, tests: readonly Test[], isNegative: boolean): Predicate {
  return (run) => field.values(run).some((value) => tests.some((test) => test(value))) !== isNegative;
}
