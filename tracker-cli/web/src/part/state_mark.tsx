import type { JSX } from "preact";
import type { Run } from "../data/types.ts";
import { isSaid, toldState } from "../model/told_state.ts";

/** A shape besides the colour, so that the states are told apart without it. */
const MARKS: Record<string, string> = { running: "●", finished: "✓", failed: "✕", stopped: "■", crashed: "!", ended: "○" };

/** The state of a run as a small mark; `words` adds the word, and `all` what is said of it too where that begins with the word. */
export function StateMark({ run, words = false, all = false }: { run: Run; words?: boolean; all?: boolean }): JSX.Element {
  return (
    <span class="state" data-state={run.state} title={toldState(run)}>
      <span aria-hidden="true">{MARKS[run.state] ?? "?"}</span>
      <span class={words ? "" : "visually-hidden"}>{all && isSaid(run) ? toldState(run) : run.state}</span>
    </span>
  );
}
