/** The runs that are selected, what is done with all of them, and what came of it. */
import { computed, signal } from "@preact/signals";
import { manyWords, withRange, withRun } from "../model/selection.ts";
import type { Selection } from "../model/selection.ts";
import { oneLine } from "../model/safe_text.ts";
import { api, asApiError } from "./api.ts";
import { navigate } from "./route.ts";
import { runs } from "./state.ts";
import type { Change, Many, Run } from "./types.ts";

/** Ids of runs; of those that are not there any more too, until they are asked about. */
export const selected = signal<Selection>(new Set());

export const selectedRuns = computed<Run[]>(() =>
  selected.value.size === 0 ? [] : (runs.value ?? []).filter((run) => selected.value.has(run.id)),
);

/** The run that was clicked last, from which a range goes. */
let anchor: string | null = null;

/** Selects a run or, with Shift, all from the last one to it, in the order of the list. */
export function select(id: string, on: boolean, range: readonly string[] | null): void {
  selected.value = range ? withRange(selected.value, range, anchor, id, on) : withRun(selected.value, id, on);
  anchor = id;
}

export function selectAll(ids: readonly string[], on: boolean): void {
  const next = new Set(selected.value);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  selected.value = next;
}

export function clearSelection(): void {
  selected.value = new Set();
  anchor = null;
}

/** What the server is asked to do with each run. */
export type Action =
  | { delete: Record<string, never> }
  | { move: { project: string } }
  | { edit: { group?: string; notes?: string; add_tags?: string[]; remove_tags?: string[] } }
  | { stop: { when: "epoch" | "now"; why: string } };

/** What is said of the last change. */
export interface Said {
  text: string;
  /** Run by run what was not done. */
  refused: string[];
  change: Change | null;
}

export const said = signal<Said | null>(null);

/** Does it to the runs; answers whether it was done to any. What was not is said. */
export async function doToMany(chosen: readonly Run[], action: Action, verb: string): Promise<boolean> {
  return saying(verb, () =>
    api.many(
      chosen.map(({ id }) => id),
      action,
    ),
  );
}

/** Takes a change back. */
export async function undo(change: Change): Promise<void> {
  const done = await saying(`taken back: ${oneLine(change.text)}`, () => api.undo(change.id), true);
  // The project has the name again that it had before.
  if (done && change.kind === "project-renamed") navigate({ page: "home" });
}

export async function saying(verb: string, ask: () => Promise<Many>, alone = false): Promise<boolean> {
  try {
    const told = await ask();
    const words = manyWords(verb, told);
    const text = alone && told.not_done === 0 ? verb[0]?.toUpperCase() + verb.slice(1) : words.said;
    said.value = { text, refused: words.refused.map(oneLine), change: told.change };
    return told.done > 0;
  } catch (thrown) {
    const { message, hint } = asApiError(thrown);
    said.value = { text: `Not ${verb}: ${message}`, refused: hint ? [hint] : [], change: null };
    return false;
  }
}
