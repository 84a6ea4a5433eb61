import type { JSX } from "preact";

/** A shape besides the colour, so that the states are told apart without it. */
const MARKS: Record<string, string> = { running: "●", finished: "✓", failed: "✕", stopped: "■", crashed: "!" };

/** The state of a run as a small mark; `words` adds the word. */
export function StateMark({ state, message, words }: { state: string; message?: string | null; words?: boolean }): JSX.Element {
  const title = message ? `${state}: ${message}` : state;
  return (
    <span class="state" data-state={state} title={title}>
      <span aria-hidden="true">{MARKS[state] ?? "?"}</span>
      <span class={words ? "" : "visually-hidden"}>{state}</span>
    </span>
  );
}
