/** Which runs are selected, to do something with all of them. */

export type Selection = ReadonlySet<string>;

/** With the run selected, or not any more. */
export function withRun(selected: Selection, id: string, on: boolean): Selection {
  const next = new Set(selected);
  if (on) next.add(id);
  else next.delete(id);
  return next;
}

/** With all runs from the one that was clicked before to this one, in the order of the list. Without a first one, it alone. */
export function withRange(selected: Selection, order: readonly string[], from: string | null, to: string, on: boolean): Selection {
  const [start, end] = [from === null ? -1 : order.indexOf(from), order.indexOf(to)];
  if (start < 0 || end < 0) return withRun(selected, to, on);
  const next = new Set(selected);
  for (const id of order.slice(Math.min(start, end), Math.max(start, end) + 1)) {
    if (on) next.add(id);
    else next.delete(id);
  }
  return next;
}

/** The tags to add and to take away, from words with commas between them: `good, -draft`. */
export function tagWords(typed: string): { add: string[]; remove: string[] } {
  const words = typed.split(",").map((word) => word.trim());
  const bare = (word: string): string => word.replace(/^[+-]/, "").trim();
  const isRemoved = (word: string): boolean => word.startsWith("-");
  const [add, remove] = [words.filter((word) => !isRemoved(word)), words.filter(isRemoved)].map((some) => [
    ...new Set((some ?? []).map(bare).filter((word) => word !== "")),
  ]);
  return { add: add ?? [], remove: remove ?? [] };
}

interface Told {
  done: number;
  not_done: number;
  refused: readonly { name: string; error: string; hint: string }[];
}

/** What is said of a change of many runs: what was done, and run by run what was not. */
export function manyWords(verb: string, { done, not_done: left, refused }: Told): { said: string; refused: string[] } {
  const runs = (count: number): string => `${count} ${count === 1 ? "run" : "runs"}`;
  const said = left === 0 ? `${runs(done)} ${verb}` : `${left} of ${runs(done + left)} not ${verb}`;
  const lines = refused.map(({ name, error, hint }) => `${name}: ${error}${hint === "" ? "" : ` — ${hint}`}`);
  if (left > refused.length) lines.push(`and ${left - refused.length} more`);
  return { said, refused: lines };
}
