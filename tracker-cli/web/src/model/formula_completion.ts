/** Formulas that what was typed may become: its last word completed to a metric, and open parentheses closed. */
import type { Expression } from "./formula.ts";
import { formatFormula, readFormula } from "./formula_text.ts";
import { best } from "./palette_match.ts";

const LAST_WORD = /[^\s()+*,`-]+$/;

/** The best of them, at most `most`; none where the last word is the only one, which a list of metrics completes by itself. */
export function completions(typed: string, known: ReadonlySet<string>, most: number): Expression[] {
  const word = LAST_WORD.exec(typed)?.[0] ?? "";
  const head = typed.slice(0, typed.length - word.length);
  if (word === "" || head.trim() === "") return [];
  const metrics = best(
    [...known].map((title) => ({ title })),
    word,
    most,
  );
  const found = new Map<string, Expression>();
  for (const { title } of metrics) {
    const formula = readFormula(closed(`${head}\`${title.replaceAll("`", "``")}\``), known);
    if (!("problem" in formula)) found.set(formatFormula(formula), formula);
  }
  return [...found.values()];
}

function closed(text: string): string {
  const unquoted = text.replace(/`(?:[^`]|``)+`/g, "");
  const open = unquoted.split("(").length - unquoted.split(")").length;
  return text + ")".repeat(Math.max(0, open));
}
