/** A run's state and the words beside it, said once. The command line says them alike. */
import type { Run } from "../data/types.ts";
import { oneLine } from "./safe_text.ts";

type Ended = Pick<Run, "state" | "message">;

/** `failed: out of memory`. Words that begin with the state say it already: `stopped by SIGTERM`. */
export function toldState(run: Ended): string {
  if (run.message === null) return run.state;
  return oneLine(isSaid(run) ? run.message : `${run.state}: ${run.message}`);
}

/** Whether the words begin with the state. */
export function isSaid({ state, message }: Ended): boolean {
  return message !== null && message.startsWith(state) && !/^[\p{L}\p{N}_]/u.test(message.slice(state.length));
}
