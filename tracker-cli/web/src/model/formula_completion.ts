/** Formulas that what was typed may become: its last word completed to a metric, and open parentheses closed. */
import { complete, wordBefore } from "./completion.ts";
import type { Expression } from "./formula.ts";
import { formatFormula, readFormula } from "./formula_text.ts";

const BORDER = /[\s()+*,`-]/;

/** The best of them, at most `most`; none where the last word is the only one, which a list of metrics completes by itself. */
export function completions(typed: string, known: ReadonlySet<string>, most: number): Expression[] {
  const word = wordBefore(typed, typed.length, BORDER);
  if (word.text === "" || typed.slice(0, word.from).trim() === "") return [];
  const metrics = [...known].map((title) => ({ title, note: "", insert: `\`${title.replaceAll("`", "``")}\`` }));
  const found = new Map<string, Expression>();
  for (const { text } of complete(typed, word, metrics, most)) {
    const formula = readFormula(closed(text), known);
    if (!("problem" in formula)) found.set(formatFormula(formula), formula);
  }
  return [...found.values()];
}

function closed(text: string): string {
  const unquoted = text.replace(/`(?:[^`]|``)+`/g, "");
  const open = unquoted.split("(").length - unquoted.split(")").length;
  return text + ")".repeat(Math.max(0, open));
}
