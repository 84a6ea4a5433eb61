import type { JSX } from "preact";
import { to } from "../data/route.ts";
import { definitions } from "../data/state.ts";
import type { Run } from "../data/types.ts";
import { headingOf, summaryOf, titleOf, usualColumns } from "../model/column.ts";
import { shortTimeOf } from "../model/duration.ts";
import { formatAge, formatNumber } from "../model/format.ts";
import { oneLine } from "../model/safe_text.ts";
import { CutText } from "../part/cut_text.tsx";
import { AlertCount } from "../part/alert_count.tsx";
import { Diverged } from "../part/diverged.tsx";
import { Link } from "../part/link.tsx";
import { RunName } from "../part/run_name.tsx";
import { StateMark } from "../part/state_mark.tsx";
import { keyScrolled } from "../part/key_scrolled.ts";

const MOST = 12;

/** What was trained last, whichever project it belongs to: most often that is what somebody comes for. */
export function RecentRuns({ runs }: { runs: readonly Run[] }): JSX.Element {
  const recent = [...runs].sort((a, b) => (a.started_at < b.started_at ? 1 : -1)).slice(0, MOST);
  return (
    <section aria-labelledby="recent" class="recent card">
      <h2 id="recent" class="table-title">
        Recent runs
      </h2>
      <div ref={keyScrolled} class="scroll-box">
        <table class="plain-table middle">
          <thead>
            <tr>
              <th scope="col">run</th>
              <th scope="col">project</th>
              <th scope="col">state</th>
              <th scope="col">result</th>
              <th scope="col" class="number">
                duration
              </th>
              <th scope="col" class="number">
                started
              </th>
            </tr>
          </thead>
          <tbody>
            {recent.map((run) => (
              <Row key={run.id} run={run} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ run }: { run: Run }): JSX.Element {
  return (
    <tr data-run={run.id}>
      <th scope="row">
        <RunName run={run} />
      </th>
      <td>
        <Link href={to.project(run.project)} class="run-name" label={oneLine(run.project)}>
          <CutText text={oneLine(run.project)} />
        </Link>
      </td>
      <td>
        <span class="row">
          <StateMark run={run} words />
          <Diverged run={run} />
          <AlertCount run={run} />
        </span>
      </td>
      <td>{resultOf(run)}</td>
      <td class="number">{shortTimeOf(run)}</td>
      <td class="number muted" title={run.started_at}>
        {formatAge(run.started_at, Date.now())} ago
      </td>
    </tr>
  );
}

/** The first of what its table would show. */
function resultOf(run: Run): string {
  const column = usualColumns([run], definitions.value).find((each) => each.startsWith("summary:"));
  if (column === undefined) return "";
  const metric = titleOf(column);
  const value = summaryOf(run, metric);
  return value === null ? "" : `${oneLine(headingOf(column, definitions.value))} ${formatNumber(value, definitions.value[metric]?.unit)}`;
}
