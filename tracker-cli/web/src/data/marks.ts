/** What there is to see at steps of the runs that are drawn: asked for once a run has ended, and now and then while it lives. */
import { signal } from "@preact/signals";
import { api } from "./api.ts";
import { saved } from "./saved.ts";
import type { Mark, Run } from "./types.ts";

/** By run. */
export const marks = signal<ReadonlyMap<string, readonly Mark[]>>(new Map());

/** As many runs as an answer has. */
const MOST = 50;
/** Curves come first. */
const WAIT_MS = 400;
const LIVE_MS = 5000;

/** What was asked for of each run, and what it was then. */
const known = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks for the marks of the first of these runs, where they may be others than before. */
export function wantMarks(runs: readonly Run[], level: "warnings" | "all" | "none"): void {
  if (saved) return;
  clearTimeout(timer);
  if (level === "none") {
    known.clear();
    if (marks.value.size > 0) marks.value = new Map();
    return;
  }
  const wanted = runs.slice(0, MOST);
  timer = setTimeout(() => void ask(wanted, level), WAIT_MS);
}

async function ask(runs: readonly Run[], level: "warnings" | "all"): Promise<void> {
  const now = Math.floor(performance.now() / LIVE_MS);
  const stateOf = (run: Run): string => `${level} ${run.state} ${run.finished_at ?? ""} ${run.state === "running" ? now : ""}`;
  const asked = runs.filter((run) => known.get(run.id) !== stateOf(run));
  if (asked.length === 0) return;
  for (const run of asked) known.set(run.id, stateOf(run));
  try {
    const answer = await api.marks(
      asked.map(({ id }) => id),
      level === "all" ? "trace" : "warning",
    );
    const found = answer.runs.filter(({ run, marks: of }) => of.length > 0 || marks.value.has(run));
    if (found.length > 0) marks.value = new Map([...marks.value, ...found.map(({ run, marks: of }) => [run, of] as const)]);
  } catch {
    // Charts do without marks; the next change of a run asks again.
    for (const run of asked) known.delete(run.id);
  }
}
