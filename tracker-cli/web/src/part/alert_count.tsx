import type { JSX } from "preact";
import type { Run } from "../data/types.ts";
import { oneLine } from "../model/safe_text.ts";

/** Says that somebody should look at a run, and what its last alert is. */
export function AlertCount({ run }: { run: Run }): JSX.Element | null {
  if (run.alerts === 0) return null;
  const before = run.alerts > 1 ? `, and ${run.alerts - 1} before` : "";
  return (
    <span class="alert-count" data-alerts={run.alerts} title={`${oneLine(run.last_alert ?? "an alert")}${before}`}>
      ◆ {run.alerts}
    </span>
  );
}
