import type { JSX } from "preact";
import { setView, view } from "../../data/route.ts";
import type { Definitions, Run } from "../../data/types.ts";
import { bestRuns, headingOf, summaryOf } from "../../model/column.ts";
import { signed } from "../../model/delta.ts";
import { formatNumber } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { filterMetrics, sectionsOf } from "../../model/sections.ts";
import { CutText } from "../../part/cut_text.tsx";
import { Exact } from "../../part/exact.tsx";
import { useFirstRows } from "../../part/first_rows.tsx";
import { RunHeads } from "./run_heads.tsx";
import type { Looks } from "../../model/palette.ts";
import { keyScrolled } from "../../part/key_scrolled.ts";

interface ResultsProps {
  runs: readonly Run[];
  definitions: Definitions;
  looks: Looks;
}

/** Rows at first: each has a cell a run. */
const FIRST = 100;

/** Each metric's best or last value a run; the best run marked, and how far the others are from the first. */
export function Results({ runs, definitions, looks }: ResultsProps): JSX.Element {
  const all = sectionsOf(runs.flatMap((run) => Object.keys(run.summary)))
    .flatMap((section) => section.metrics)
    .filter((metric) => !definitions[metric]?.hidden);
  const { metrics, error } = filterMetrics(all, view.value.metrics);
  const first = useFirstRows(metrics, FIRST);
  return (
    <>
      <div class="row">
        <input
          type="text"
          data-action="filter-metrics"
          aria-label="Filter metrics"
          aria-invalid={error !== null}
          placeholder="Filter, e.g. loss|acc"
          value={view.value.metrics}
          onInput={(event) => setView({ metrics: event.currentTarget.value }, "replace")}
        />
        {error && (
          <span class="tiny bad-text" role="alert">
            {error}
          </span>
        )}
        <span class="muted tiny">in grey the difference from the baseline (pp: percentage points)</span>
      </div>
      <div ref={keyScrolled} class="card scroll-box">
        <table class="plain-table sticky-table">
          <thead>
            <tr>
              <th scope="col">metric</th>
              <RunHeads runs={runs} looks={looks} number />
            </tr>
          </thead>
          <tbody>
            {first.shown.map((metric) => (
              <Row key={metric} metric={metric} runs={runs} definitions={definitions} />
            ))}
          </tbody>
        </table>
      </div>
      {first.rest}
    </>
  );
}

function Row({ metric, runs, definitions }: Omit<ResultsProps, "looks"> & { metric: string }): JSX.Element {
  const best = bestRuns(runs, metric, definitions);
  const { unit = null, direction = null } = definitions[metric] ?? {};
  const first = runs[0] ? summaryOf(runs[0], metric) : null;
  return (
    <tr data-metric={metric}>
      <th scope="row" title={direction ? `${metric}: ${direction} is better` : metric}>
        <span class="row">
          <CutText text={oneLine(headingOf(`summary:${metric}`, definitions))} />
          <span class="muted">{direction === "lower" ? " ↘" : direction === "higher" ? " ↗" : ""}</span>
        </span>
      </th>
      {runs.map((run, at) => {
        const value = summaryOf(run, metric);
        return (
          <td key={run.id} class="number" data-run={run.id} data-best={best.has(run.id)}>
            {value === null ? <span class="muted">–</span> : <Exact shown={formatNumber(value, unit)} exact={String(value)} />}
            {at > 0 && value !== null && first !== null && Number.isFinite(value - first) && (
              <span class="muted tiny delta">{signed(value - first, unit)}</span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
