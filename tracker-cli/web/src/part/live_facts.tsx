import type { JSX } from "preact";
import type { Live, Run } from "../data/types.ts";
import { oneLine } from "../model/safe_text.ts";
import { Sparklines } from "./sparklines.tsx";

/** How far a run that trains is, how fast it goes, when it will be over, what was last worth a look; the same words as `tracker show` has. */
export function LiveFacts({ run, live }: { run: Run; live: Live }): JSX.Element {
  const { done, planned, words } = live;
  return (
    <div class="live-facts" data-live={run.id}>
      {words !== "" && (
        <p class="row wrap">
          {done !== null && planned !== null && <progress value={done} max={planned} aria-label="Done" />}
          <span data-text="live">{words}</span>
        </p>
      )}
      {run.last_alert !== null && (
        <p class="warn-text clip" data-text="last-alert" title={oneLine(run.last_alert)}>
          {oneLine(run.last_alert)}
        </p>
      )}
      <Sparklines run={run} metrics={live.key_metrics} />
    </div>
  );
}
