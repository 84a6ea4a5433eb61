/** What a value must be: numbers with units, times, states, texts and patterns. */
import { isNumber } from "./column.ts";
import type { Scalar } from "./flatten.ts";
import { pattern, PatternError } from "./pattern.ts";
import type { Pattern } from "./pattern.ts";
import type { Field } from "./query_field.ts";
import { QueryFailure } from "./query_token.ts";
import type { Operator, Token } from "./query_token.ts";

export type Test = (value: Scalar) => boolean;

export const STATES = ["running", "finished", "failed", "stopped", "ended", "crashed", "lost"];

/** Units behind a number, and what they stand for: a percentage of one, or seconds. */
const UNITS: readonly (readonly [string, number])[] = [
  ["%", 0.01],
  ["ms", 1e-3],
  ["min", 60],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 604_800],
];

/** Whether a word may stand behind a number. */
export function isUnit(word: string): boolean {
  return UNITS.some(([unit]) => unit === word);
}

interface Quantity {
  number: number | bigint;
  hasUnit: boolean;
}

/** Reads a number such as `1e-3`, `93%`, `10m`, `inf` or `18446744073709551615`; null if it is none. */
export function quantity(text: string): Quantity | null {
  const plain = numberIn(text);
  if (plain !== null) return { number: plain, hasUnit: false };
  const unit = UNITS.find(([known]) => text.endsWith(known));
  const value = unit ? numberIn(text.slice(0, -unit[0].length).trimEnd()) : null;
  if (!unit || value === null) return null;
  // Divided, as 93 % is to be the number that is nearest to 0.93.
  return { number: unit[0] === "%" ? Number(value) / 100 : Number(value) * unit[1], hasUnit: true };
}

function numberIn(text: string): number | bigint | null {
  const named = /^([+-]?)(?:(inf|infinity)|nan)$/i.exec(text);
  if (named) return named[2] ? (named[1] === "-" ? -Infinity : Infinity) : named[1] === "" ? NaN : null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return null;
  const number = Number(text);
  // Whole numbers beyond 2^53 keep all their digits.
  return /^[+-]?\d{16,400}$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text.replace("+", "")) : number;
}

/** What `field operator value` asks for; `note` is told what may be meant otherwise. */
export function valueTest(field: Field, operator: Operator, value: Token, note: (text: string) => void): Test {
  if (operator === "~" || operator === "!~") {
    const found = regex(value.text, true, value.at);
    return (each) => found.test(String(each));
  }
  const isEqual = operator === "=" || operator === "!=";
  if (field.holds === "time") return timeTest(operator, value);
  if (!isEqual && ["text", "flag", "state"].includes(field.holds))
    throw new QueryFailure(`\`${field.name}\` is no number`, `${operator} compares numbers; for text use = or ~`, value.at);
  if (field.holds === "state") return stateTest(value);
  return isEqual ? equalTest(value) : orderTest(field, operator, value, note);
}

function stateTest(value: Token): Test {
  const text = value.text.toLowerCase();
  if (!STATES.includes(text))
    throw new QueryFailure(`there is no state “${value.text}”`, `a state is one of ${STATES.join(", ")}`, value.at);
  return (each) => each === text;
}

/** A number equals a number however it is written; quoted, it equals only text. */
function equalTest(value: Token): Test {
  const text = value.text.toLowerCase();
  const number = value.kind === "quoted" ? null : (quantity(value.text)?.number ?? null);
  return (each) => {
    if (!isNumber(each)) return String(each).toLowerCase() === text;
    return number !== null && (isSame(each, number) || (Number.isNaN(each) && Number.isNaN(number)));
  };
}

/** The language compares the two kinds of numbers by value, though not for equality. */
function isSame(a: number | bigint, b: number | bigint): boolean {
  return a <= b && a >= b;
}

function orderTest({ name, holds }: Field, operator: "<" | "<=" | ">" | ">=", value: Token, note: (text: string) => void): Test {
  const bound = value.kind === "quoted" ? null : quantity(value.text);
  if (!bound) throw new QueryFailure(`“${value.text}” is not a number`, `${operator} compares numbers; for text use = or ~`, value.at);
  const { number, hasUnit } = bound;
  const { text } = value;
  if (holds === "seconds" && !hasUnit)
    note(`\`${name} ${operator} ${text}\` is taken as seconds: write ${text}m for minutes, ${text}h for hours`);
  if (holds === "fraction" && !hasUnit && number > 1.5)
    note(`\`${name}\` is a fraction of one: write ${name} ${operator} ${text} % for percent`);
  return (each) => isNumber(each) && ordered(each, operator, number);
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

function timeTest(operator: Operator, value: Token): Test {
  const found = span(value.text, new Date());
  if (!found)
    throw new QueryFailure(`“${value.text}” is no time`, 'write 2026-11-01, "2026-11-01 10:30", today or yesterday; or age < 2d', value.at);
  const [begin, end] = found;
  const test = (time: number): boolean => {
    switch (operator) {
      case "<":
        return time < begin;
      case "<=":
        return time < end;
      case ">":
        return time >= end;
      case ">=":
        return time >= begin;
      default:
        return begin <= time && time < end;
    }
  };
  return (each) => typeof each === "string" && test(Date.parse(each));
}

const DAY = 86_400_000;
const TIME = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[t ](\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?)?)?z?$/i;

/** Reads a year, month, day, hour, minute or second in UTC, `today` or `yesterday`: from when, and until when. */
export function span(text: string, now: Date): [number, number] | null {
  const today = Math.floor(now.getTime() / DAY) * DAY;
  const word = text.trim().toLowerCase();
  if (word === "today") return [today, today + DAY];
  if (word === "yesterday") return [today - DAY, today];
  const found = TIME.exec(word);
  if (!found) return null;
  const parts = found
    .slice(1)
    .filter((part) => part !== undefined)
    .map(Number);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const begin = Date.UTC(year, month - 1, day, hour, minute, second);
  const read = new Date(begin);
  const isThere = read.getUTCMonth() === month - 1 && read.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isThere || year < 1000) return null;
  const ends = [Date.UTC(year + 1, 0), Date.UTC(year, month), begin + DAY, begin + 3_600_000, begin + 60_000, begin + 1000];
  return [begin, ends[parts.length - 1] as number];
}

export function regex(source: string, ignoreCase: boolean, at: number): Pattern {
  try {
    return pattern(source, ignoreCase);
  } catch (thrown) {
    if (thrown instanceof PatternError) throw new QueryFailure(`“${source}” is not a regular expression`, thrown.message, at);
    throw thrown;
  }
}
