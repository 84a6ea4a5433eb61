/** What a text may become when one of its words is completed: the same for formulas, the search of runs and filters of metrics. */
import { best } from "./palette_match.ts";

/** A word of a text, as far as it is typed. */
export interface Word {
  /** Where it begins and ends, in the units of JavaScript's strings. */
  from: number;
  until: number;
  text: string;
}

/** Something to choose from. */
export interface Completion {
  title: string;
  /** What it is, or how many runs have it. */
  note: string;
  /** The whole text once it is chosen, and where the cursor stands then. */
  text: string;
  caret: number;
}

/** A word that the typed one may become. */
export interface Candidate {
  title: string;
  note: string;
  /** What takes the place of the word; left out, the title. */
  insert?: string;
}

/** The word before the cursor; `border` matches a letter that no word has. */
export function wordBefore(text: string, caret: number, border: RegExp): Word {
  let from = caret;
  while (from > 0 && !border.test(text[from - 1] as string)) from -= 1;
  return { from, until: caret, text: text.slice(from, caret) };
}

/** The candidates that have the letters of the word, the best first; all in their order where nothing is typed. */
export function complete(text: string, word: Word, candidates: readonly Candidate[], most: number): Completion[] {
  const found = best(candidates, word.text, most).map(({ title, note, insert = title }) => {
    const head = text.slice(0, word.from) + insert;
    return { title, note, text: head + text.slice(word.until), caret: head.length };
  });
  // What is typed already is no suggestion.
  return found.filter((completion) => completion.text.trimEnd() !== text.trimEnd() || completion.text.length > text.length);
}
