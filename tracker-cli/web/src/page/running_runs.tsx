import type { JSX } from "preact";
import { to } from "../data/route.ts";
import type { Live, Run } from "../data/types.ts";
import { oneLine } from "../model/safe_text.ts";
import { Link } from "../part/link.tsx";
import { LiveFacts } from "../part/live_facts.tsx";
import { RunName } from "../part/run_name.tsx";
import { StateMark } from "../part/state_mark.tsx";

/** More trainings at once are seen in their projects. */
const MOST = 8;

/** What trains now, with its speed, its end and its curves. */
export function RunningRuns({ runs }: { runs: readonly Run[] }): JSX.Element | null {
  const running = runs.filter((run): run is Run & { live: Live } => run.live !== null);
  if (running.length === 0) return null;
  return (
    <section aria-labelledby="running" class="running-runs">
      <h2 id="running">Running now</h2>
      <ul class="running-cards">
        {running.slice(0, MOST).map((run) => (
          <li key={run.id} class="card pad" data-running={run.id}>
            <div class="row">
              <StateMark run={run} />
              <RunName run={run} />
              <span class="grow" />
              <Link href={to.project(run.project)} class="muted tiny">
                {oneLine(run.project)}
              </Link>
            </div>
            <LiveFacts run={run} live={run.live} />
          </li>
        ))}
      </ul>
      {running.length > MOST && <p class="muted">and {running.length - MOST} more</p>}
    </section>
  );
}
