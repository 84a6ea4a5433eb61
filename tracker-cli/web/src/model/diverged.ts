/** Runs whose numbers went wrong although the training went on to its end. */
import type { Run } from "../data/types.ts";
import { numberOf } from "./format.ts";

/** The metrics whose last value is NaN or infinite. */
export function divergedMetrics(run: Run): string[] {
  return Object.keys(run.summary).filter((metric) => {
    const last = numberOf(run.summary[metric]?.last);
    return last !== null && !Number.isFinite(last);
  });
}
