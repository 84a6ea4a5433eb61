/**
 * A saved view: all that a project's page shows, by the names of its choices, as it stands in a file. What is at its
 * default is left out. A choice that this page does not know is kept as it is.
 */
import type { Json } from "../data/types.ts";
import { MOST_PINS } from "./layout.ts";
import { ADDRESS_WORDS, defaultView, formatView, parseView } from "./url_state.ts";
import type { View } from "./url_state.ts";

export type Shown = { [choice: string]: Json };

/** More than that of one kind is no address any more. */
const MOST_WORDS = 500;

const FIELDS = Object.keys(ADDRESS_WORDS) as (keyof View)[];

/** As a file says it; `before` is what the file said until now. */
export function shownOf(view: View, before: Shown = {}): Shown {
  const unknown = Object.entries(before).filter(([name]) => !(name in ADDRESS_WORDS));
  const usual = defaultView();
  const differs = (field: keyof View): boolean => JSON.stringify(view[field]) !== JSON.stringify(usual[field]);
  return Object.fromEntries([...FIELDS.filter(differs).map((field): [string, Json] => [field, view[field]]), ...unknown]);
}

/** The view of a file, and what of it is not understood. */
export function viewOfShown(shown: Shown): { view: View; notes: string[] } {
  const usual = defaultView();
  const words = new URLSearchParams();
  const notes: string[] = [];
  for (const [name, value] of Object.entries(shown)) {
    const known = name in ADDRESS_WORDS ? (name as keyof View) : null;
    if (known === null) notes.push(`“${name}” is not known to this version of the page; it is kept in the file`);
    else if (!isLike(value, usual[known])) notes.push(`“${name}” is not understood and left out`);
    else for (const word of wordsOf(value, mostOf(known), name, notes)) words.append(ADDRESS_WORDS[known], word);
  }
  return { view: parseView(words), notes };
}

function mostOf(field: keyof View): number {
  return field === "pins" ? MOST_PINS : MOST_WORDS;
}

function isLike(value: Json, usual: View[keyof View]): boolean {
  if (Array.isArray(usual)) return Array.isArray(value) && value.every((each) => typeof each === "string");
  return typeof value === typeof usual;
}

function wordsOf(value: Json, most: number, name: string, notes: string[]): string[] {
  if (!Array.isArray(value)) return [typeof value === "boolean" ? (value ? "1" : "0") : String(value)];
  if (value.length > most) notes.push(`“${name}” has ${value.length} entries, of which the first ${most} are taken`);
  return value.slice(0, most).map(String);
}

/** What is shown, in one word; two views that show the same have the same. Which tab is open makes no other view. */
export function viewWord(view: View): string {
  return formatView({ ...view, tab: "" }).toString();
}
