import type { JSX } from "preact";
import { view } from "../../data/route.ts";
import { saved } from "../../data/saved.ts";
import type { Definitions, Run } from "../../data/types.ts";
import { headingOf, titleOf } from "../../model/column.ts";
import { formatNumber } from "../../model/format.ts";
import { groupQuestionOfRuns } from "../../model/group_question.ts";
import { bestGroups, groupRows } from "../../model/group_stats.ts";
import { oneLine } from "../../model/safe_text.ts";
import { filterMetrics, sectionsOf } from "../../model/sections.ts";
import { CutText } from "../../part/cut_text.tsx";
import { useFirstRows } from "../../part/first_rows.tsx";
import { GroupTools } from "../../part/group_tools.tsx";
import { Failure, Warnings } from "../../part/notice.tsx";
import { useGroups } from "../../part/use_groups.ts";
import { VerdictCard } from "../../part/verdicts.tsx";
import { keyScrolled } from "../../part/key_scrolled.ts";

/** Which group is better. A report has no server that could say so. */
function VerdictOf({ runs, by }: { runs: readonly Run[]; by: string }): JSX.Element {
  const question = groupQuestionOfRuns(
    runs.map((run) => run.id),
    by,
    view.value,
  ).toString();
  const { groups, failed } = useGroups(question);
  return (
    <>
      <GroupTools all={runs} by={by} groups={groups} isGrouped />
      {failed && <Failure error={failed} />}
      {groups && <Warnings warnings={groups.warnings} />}
      {groups?.metric && <VerdictCard groups={groups} question={question} />}
    </>
  );
}

/** Rows at first: each has a cell a group. */
const FIRST = 100;

/** Each group's mean and standard deviation over its runs, most often seeds; the best mean marked. */
export function Groups({ runs, definitions }: { runs: readonly Run[]; definitions: Definitions }): JSX.Element {
  const groupBy = view.value.groupBy === "" ? "group" : view.value.groupBy;
  const all = sectionsOf(runs.flatMap((run) => Object.keys(run.summary)))
    .flatMap((section) => section.metrics)
    .filter((metric) => !definitions[metric]?.hidden);
  const first = useFirstRows(filterMetrics(all, view.value.metrics).metrics, FIRST);
  const metrics = first.shown;
  const rows = groupRows(runs, groupBy, metrics);
  return (
    <>
      {saved === null && <VerdictOf runs={runs} by={groupBy} />}
      <p class="muted tiny">by {oneLine(titleOf(groupBy))}: mean ± standard deviation of the runs' values</p>
      <div ref={keyScrolled} class="card scroll-box">
        <table class="plain-table sticky-table">
          <thead>
            <tr>
              <th scope="col">metric</th>
              {rows.map(({ group, runs: members }) => (
                <th key={group} scope="col" class="number">
                  {oneLine(group)} <span class="muted tiny">n = {members.length}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {metrics.map((metric) => {
              const best = bestGroups(rows, metric, definitions);
              const unit = definitions[metric]?.unit ?? null;
              return (
                <tr key={metric} data-metric={metric}>
                  <th scope="row" title={metric}>
                    <CutText text={oneLine(headingOf(`summary:${metric}`, definitions))} />
                  </th>
                  {rows.map(({ group, stats }) => {
                    const stat = stats.get(metric);
                    return (
                      <td key={group} class="number" data-group={group} data-best={best.has(group)}>
                        {stat ? (
                          <>
                            {formatNumber(stat.mean, unit)}
                            {stat.std !== null && <span class="muted"> ± {formatNumber(stat.std, unit)}</span>}
                          </>
                        ) : (
                          <span class="muted">–</span>
                        )}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {first.rest}
    </>
  );
}
