/** How long a run took: what passed and, where it was resumed after a pause, what it trained. */
import type { Run } from "../data/types.ts";
import { formatDuration } from "./format.ts";

type Timed = Pick<Run, "seconds" | "trained_seconds" | "state" | "finished_at">;

/** For a narrow place: `9h`, or `3h of 9h` with pauses; empty where nobody knows. */
export function shortTimeOf(run: Timed): string {
  const [passed, trained] = timesOf(run);
  return trained === passed ? passed : `${trained} of ${passed}`;
}

/** In words: `ran 9h`, or `3h of training, 9h with pauses`; empty where nobody knows. */
export function timeOf(run: Timed): string {
  const [passed, trained] = timesOf(run);
  if (passed === "") return "";
  const words =
    trained === passed ? `${run.state === "running" ? "for" : "ran"} ${passed}` : `${trained} of training, ${passed} with pauses`;
  return isToLastPoint(run) ? `${words} to its last point` : words;
}

function timesOf({ seconds, trained_seconds: trained }: Timed): [passed: string, trained: string] {
  const passed = seconds === null ? "" : formatDuration(seconds);
  return [passed, trained === null ? passed : formatDuration(trained)];
}

/** Nobody saw the end, such as of a crash. */
function isToLastPoint({ state, finished_at: end }: Timed): boolean {
  return end === null && state !== "running";
}
