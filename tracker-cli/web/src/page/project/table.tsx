import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { fileName, save } from "../../chart/export.ts";
import { setView, view } from "../../data/route.ts";
import { definitions, runsById } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import {
  bestRuns,
  columnsOf,
  exactOf,
  headingOf,
  isNumber as isNumeric,
  startsDescending,
  titleOf,
  usualColumns,
  valueOf,
} from "../../model/column.ts";
import type { ColumnId } from "../../model/column.ts";
import { shortTimeOf } from "../../model/duration.ts";
import { formatAge, formatNumber, formatScalar, numberOf } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { tableCsv } from "../../model/table_csv.ts";
import { AlertCount } from "../../part/alert_count.tsx";
import { Diverged } from "../../part/diverged.tsx";
import { Exact } from "../../part/exact.tsx";
import { useRowKeys } from "../../part/row_keys.ts";
import { RunName } from "../../part/run_name.tsx";
import { StateMark } from "../../part/state_mark.tsx";
import { useWindow } from "../../part/virtual_list.tsx";
import { ColumnPicker } from "./column_picker.tsx";
import { Eye } from "./eye.tsx";
import { BaselineButton, differsFrom, FromBaseline, WhyLink } from "./measured.tsx";
import type { Looks } from "../../model/palette.ts";

interface RunTableProps {
  runs: readonly Run[];
  drawn: readonly Run[];
  looks: Looks;
}

const ROW = 30;
/** A cell has room for no more. */
const MOST_TAGS = 20;

/** Runs with their config and results. The best value of each metric with a direction is marked. */
export function RunTable({ runs, drawn, looks }: RunTableProps): JSX.Element {
  const all = useMemo(() => columnsOf(runs, definitions.value), [runs, definitions.value]);
  const usual = useMemo(() => usualColumns(runs, definitions.value), [runs, definitions.value]);
  const columns = view.value.columns.length > 0 ? view.value.columns : usual;
  const best = useMemo(
    () => new Map(columns.map((column) => [column, bestIn(runs, column)])),
    [runs, columns.join("\n"), definitions.value],
  );
  const shown = new Set(drawn.map((run) => run.id));
  const base = runsById.value.get(view.value.baseline);
  const box = useRef<HTMLDivElement>(null);
  const [from, until] = useWindow(box, runs.length, ROW);
  const download = (): void => save(new Blob([tableCsv(runs, columns)], { type: "text/csv" }), fileName("runs", "csv"));
  return (
    <>
      <div class="row">
        <ColumnPicker all={all} chosen={columns} usual={view.value.columns.length === 0} />
        <button type="button" class="button" data-action="table-csv" onClick={download}>
          Save as CSV
        </button>
      </div>
      <div ref={box} class="table-box card" {...useRowKeys(box)}>
        <table class="runs-table">
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column} column={column} number={runs.some((run) => isNumber(run, column))} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Gap rows={from} />
            {runs.slice(from, until).map((run) => (
              <tr key={run.id} data-key={run.id} data-run={run.id}>
                {columns.map((column) => (
                  <td
                    key={column}
                    data-column={column}
                    data-differs={differsFrom(base, run, column)}
                    data-best={best.get(column)?.has(run.id) ?? false}
                    class={isNumber(run, column) ? "number" : ""}
                  >
                    {column === "name" ? (
                      <span class="row">
                        <Eye run={run} open={shown.has(run.id)} look={looks.get(run.id)} />
                        <RunName run={run} class="grow" />
                        <WhyLink run={run} />
                        <BaselineButton run={run} />
                      </span>
                    ) : (
                      <Cell run={run} column={column} base={base} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
            <Gap rows={runs.length - until} />
          </tbody>
        </table>
      </div>
    </>
  );
}

/** With one run there is nothing to be better than. */
function bestIn(runs: readonly Run[], column: ColumnId): Set<string> {
  return column.startsWith("summary:") && runs.length > 1 ? bestRuns(runs, titleOf(column), definitions.value) : new Set();
}

function Gap({ rows }: { rows: number }): JSX.Element | null {
  return rows > 0 ? <tr aria-hidden="true" style={{ height: `${rows * ROW}px` }} /> : null;
}

function Head({ column, number }: { column: ColumnId; number: boolean }): JSX.Element {
  const { sort, descending } = view.value;
  const sorted = sort === column;
  const known = definitions.value[titleOf(column)];
  const better = column.startsWith("summary:") ? (known?.direction === "lower" ? " ↘" : known?.direction === "higher" ? " ↗" : "") : "";
  const turn = (): void =>
    setView(sorted ? { descending: !descending } : { sort: column, descending: startsDescending(column, definitions.value) });
  return (
    <th
      scope="col"
      class={number ? "number" : ""}
      data-column={column}
      aria-sort={sorted ? (descending ? "descending" : "ascending") : "none"}
    >
      <button type="button" title={better === "" ? column : `${column}: ${known?.direction} is better`} onClick={turn}>
        {oneLine(headingOf(column, definitions.value))}
        <span class="muted">{better}</span>
        {sorted && <span aria-hidden="true">{descending ? " ↓" : " ↑"}</span>}
      </button>
    </th>
  );
}

function isNumber(run: Run, column: ColumnId): boolean {
  return column.startsWith("summary:") || column === "seconds" || isNumeric(valueOf(run, column));
}

function Cell({ run, column, base }: { run: Run; column: ColumnId; base: Run | undefined }): JSX.Element {
  switch (column) {
    case "state":
      return (
        <span class="row">
          <StateMark run={run} words />
          <Diverged run={run} />
          <AlertCount run={run} />
        </span>
      );
    case "started":
      return (
        <span class="muted" title={run.started_at}>
          {formatAge(run.started_at, Date.now())} ago
        </span>
      );
    case "seconds":
      return <>{shortTimeOf(run)}</>;
    case "tag":
      return (
        <span class="row">
          {run.tags.slice(0, MOST_TAGS).map((tag) => (
            <span key={tag} class="tag">
              {oneLine(tag)}
            </span>
          ))}
        </span>
      );
    default:
      return column.startsWith("summary:") ? (
        <>
          <Result run={run} metric={titleOf(column)} />
          <FromBaseline run={run} base={base} metric={titleOf(column)} />
        </>
      ) : (
        <Exact shown={oneLine(formatScalar(valueOf(run, column)))} exact={oneLine(exactOf(run, column))} />
      );
  }
}

function Result({ run, metric }: { run: Run; metric: string }): JSX.Element {
  const summary = run.summary[metric];
  const value = summary ? (numberOf(summary.best) ?? numberOf(summary.last)) : null;
  const unit = definitions.value[metric]?.unit;
  if (!summary || value === null) return <></>;
  const last = numberOf(summary.last);
  return (
    <Exact
      shown={formatNumber(value, unit)}
      exact={String(value)}
      title={`${String(value)}${last === null ? "" : `, last ${String(last)}`}, ${summary.count} points`}
    />
  );
}
