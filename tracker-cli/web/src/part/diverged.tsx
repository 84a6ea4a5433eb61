import type { JSX } from "preact";
import { divergedMetrics } from "../model/diverged.ts";
import { oneLine } from "../model/safe_text.ts";
import type { Run } from "../data/types.ts";

/** Marks a run whose numbers ended in NaN or infinity, however the training ended. */
export function Diverged({ run }: { run: Run }): JSX.Element | null {
  const metrics = divergedMetrics(run);
  if (metrics.length === 0) return null;
  const more = metrics.length > 3 ? ` and ${metrics.length - 3} more` : "";
  return (
    <span class="diverged" title={`${oneLine(metrics.slice(0, 3).join(", "))}${more}: the last value is NaN or infinite`}>
      NaN
    </span>
  );
}
