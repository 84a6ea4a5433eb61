/** What a search of runs may become: fields, how they are compared, the values that runs have there. */
import type { Definitions, Run } from "../data/types.ts";
import { isNumber } from "./column.ts";
import { complete } from "./completion.ts";
import type { Candidate, Completion } from "./completion.ts";
import { byName } from "./natural.ts";
import { findField, knownFields, OWN } from "./query_field.ts";
import type { Field, Holds, KnownFields } from "./query_field.ts";
import { placeIn } from "./query_place.ts";
import { QueryFailure } from "./query_token.ts";
import { quantity, STATES } from "./query_value.ts";
import type { Scalar } from "./flatten.ts";

/** The best completions of the word before the cursor, `most` of them; none where nothing known fits. */
export function completeQuery(text: string, caret: number, runs: readonly Run[], definitions: Definitions, most: number): Completion[] {
  const found = placeIn(text, caret);
  if (!found) return [];
  const { place, word } = found;
  const known = knownFields(runs, definitions);
  switch (place.kind) {
    case "field":
      return complete(text, word, fieldsOf(known), most);
    case "join":
      return complete(text, word, JOINS, most);
    default: {
      const field = fieldOf(place.field, known);
      if (!field) return [];
      const candidates = place.kind === "operator" ? operatorsOf(field.holds) : valuesOf(field, runs);
      return complete(text, word, candidates, most);
    }
  }
}

const JOINS: Candidate[] = [
  { title: "and", note: "both", insert: "and " },
  { title: "or", note: "either", insert: "or " },
];

const listed = new WeakMap<KnownFields, Candidate[]>();

/** Settings first, then metrics, then what every run has; computed once a list of runs. */
function fieldsOf(known: KnownFields): Candidate[] {
  const before = listed.get(known);
  if (before) return before;
  const settings = [...known.settings].sort(byName).map((name) => candidate(name, OWN.has(name) ? "config." : "", "setting"));
  const metrics = [...known.metrics]
    .sort(byName)
    .map((name) => candidate(name, OWN.has(name) || known.settings.has(name) ? "summary." : "", "metric"));
  const own = [...OWN.keys()].filter((name) => name !== "tags" && name !== "seconds").map((name) => candidate(name, "", "of the run"));
  const all = [...settings, ...metrics, ...own].filter((each) => each !== null);
  listed.set(known, all);
  return all;
}

/** A name that no search can spell is no suggestion. */
function candidate(name: string, prefix: string, note: string): Candidate | null {
  const written = spelt(prefix + name.replace(/^"([^"]*)"$/, "$1"));
  return written === null ? null : { title: prefix + name, note, insert: `${written} ` };
}

/** Quoted where it has signs of the language; null where it has a quotation mark. */
function spelt(text: string): string | null {
  if (text.includes('"')) return null;
  return text === "" || /[\s()<>=!~,]/.test(text) || /^(and|or|not|in)$/i.test(text) ? `"${text}"` : text;
}

function fieldOf(name: string, known: KnownFields): Field | null {
  try {
    return known.hasRuns ? findField(name, 0, known).field : null;
  } catch (thrown) {
    if (thrown instanceof QueryFailure) return null;
    throw thrown;
  }
}

const SIGNS: Record<string, string> = {
  "=": "is",
  "!=": "is not",
  "<": "less than",
  "<=": "at most",
  ">": "more than",
  ">=": "at least",
  "~": "matches a regular expression",
  in: "is one of",
};

function operatorsOf(holds: Holds): Candidate[] {
  return signsFor(holds).map((sign) => ({
    title: sign,
    note: holds === "time" && sign !== "=" ? (sign.startsWith("<") ? "before" : "after or at") : (SIGNS[sign] ?? ""),
    insert: sign === "in" ? "in (" : `${sign} `,
  }));
}

function signsFor(holds: Holds): string[] {
  switch (holds) {
    case "text":
      return ["=", "!=", "~", "in"];
    case "state":
      return ["=", "!=", "in"];
    case "flag":
      return ["="];
    case "time":
      return [">=", "<", "="];
    case "anything":
      return ["=", "<", ">", "<=", ">=", "!=", "~", "in"];
    default:
      return ["<", ">", "<=", ">=", "="];
  }
}

/** More numbers than these are told by their least, middle and greatest. */
const FEW = 12;

/** What the runs have in a field, each with how many have it: words by their number, numbers in their order. */
function valuesOf(field: Field, runs: readonly Run[]): Candidate[] {
  if (field.holds === "time") return ["today", "yesterday"].map((title) => ({ title, note: "in UTC" }));
  const counts = new Map<Scalar, number>();
  for (const run of runs) for (const value of field.values(run)) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (field.holds === "flag") for (const flag of [true, false]) counts.set(flag, counts.get(flag) ?? 0);
  if (field.holds === "state") for (const state of STATES) counts.set(state, counts.get(state) ?? 0);
  const values = [...counts];
  return values.length > 0 && values.every(([value]) => isNumber(value))
    ? numbersOf(values as [number | bigint, number][])
    : wordsOf(values);
}

function wordsOf(values: [Scalar, number][]): Candidate[] {
  values.sort((a, b) => b[1] - a[1] || byName(String(a[0]), String(b[0])));
  return values.flatMap(([value, count]): Candidate[] => {
    const text = String(value);
    // A word that reads as a number is quoted, or it would be compared as one.
    const written = typeof value === "string" && quantity(text) ? `"${text}"` : spelt(text);
    return written === null ? [] : [{ title: text, note: runsIn(count), insert: written }];
  });
}

function numbersOf(values: [number | bigint, number][]): Candidate[] {
  values.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (values.length <= FEW) return values.map(([value, count]) => ({ title: String(value), note: runsIn(count) }));
  const at = (place: number, note: string): Candidate => ({ title: String(values[place]?.[0]), note });
  return [at(0, "the least"), at(values.length >> 1, "in the middle"), at(values.length - 1, "the greatest")];
}

function runsIn(count: number): string {
  return count === 1 ? "1 run" : `${count} runs`;
}
