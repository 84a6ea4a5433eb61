/** Runs whose numbers went wrong although the training went on to its end. */
import type { Run } from "../data/types.ts";
import { numberOf } from "./format.ts";

const known = new WeakMap<object, string[]>();

/** The metrics whose last value is NaN or infinite; computed once a run, as a list asks for thousands. */
export function divergedMetrics(run: Run): string[] {
  let metrics = known.get(run.summary);
  if (!metrics) known.set(run.summary, (metrics = Object.keys(run.summary).filter((metric) => endedWrong(run, metric))));
  return metrics;
}

function endedWrong(run: Run, metric: string): boolean {
  const last = numberOf(run.summary[metric]?.last);
  return last !== null && !Number.isFinite(last);
}
