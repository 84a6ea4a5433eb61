import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { fileName, save } from "../../chart/export.ts";
import { setView, view } from "../../data/route.ts";
import { definitions, runsById } from "../../data/state.ts";
import type { RunGroups, Run } from "../../data/types.ts";
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
import { shortNames } from "../../model/short_names.ts";
import { tableCsv } from "../../model/table_csv.ts";
import { BaselineButton } from "../../part/baseline_button.tsx";
import { AlertCount } from "../../part/alert_count.tsx";
import { ColumnPicker } from "../../part/column_picker.tsx";
import { Diverged } from "../../part/diverged.tsx";
import { Exact } from "../../part/exact.tsx";
import { useRowKeys } from "../../part/row_keys.ts";
import { RunName } from "../../part/run_name.tsx";
import { StateMark } from "../../part/state_mark.tsx";
import { useWindow } from "../../part/virtual_list.tsx";
import { Eye } from "./eye.tsx";
import { SelectBox, SelectAll } from "./select_box.tsx";
import { GroupCells, groupRows, MemberResult } from "./group_rows.tsx";
import type { TableRow } from "./group_rows.tsx";
import { differsFrom, FromBaseline, WhyLink } from "./measured.tsx";
import type { Look, Looks } from "../../model/palette.ts";

interface RunTableProps {
  runs: readonly Run[];
  drawn: readonly Run[];
  looks: Looks;
  /** The groups whose rows stand there in the place of those of runs, which they unfold into. */
  groups?: RunGroups | null;
  /** By what they are grouped. */
  by?: string;
}

const ROW = 30;
/** A cell has room for no more. */
const MOST_TAGS = 20;

/** Runs with their config and results. The best value of each metric with a direction is marked. */
export function RunTable({ runs, drawn, looks, groups = null, by = "" }: RunTableProps): JSX.Element {
  const all = useMemo(() => columnsOf(runs, definitions.value), [runs, definitions.value]);
  const usual = useMemo(() => usualColumns(runs, definitions.value), [runs, definitions.value]);
  const columns = shownColumns(view.value.columns.length > 0 ? view.value.columns : usual, groups, by);
  const best = useMemo(
    () => new Map(columns.map((column) => [column, bestIn(runs, column)])),
    [runs, columns.join("\n"), definitions.value],
  );
  const short = useMemo(() => shortNames(runs.map((run) => run.name)), [runs]);
  const shown = new Set(drawn.map((run) => run.id));
  const base = runsById.value.get(view.value.baseline);
  const box = useRef<HTMLDivElement>(null);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const rows = groups ? groupRows(groups, runs, unfolded) : runs.map((run): TableRow => ({ key: run.id, run, member: null }));
  const [from, until] = useWindow(box, rows.length, ROW);
  const fold = (group: string): void =>
    setUnfolded(new Set(unfolded.has(group) ? [...unfolded].filter((each) => each !== group) : [...unfolded, group]));
  const download = (): void => save(new Blob([tableCsv(runs, columns)], { type: "text/csv" }), fileName("runs", "csv"));
  return (
    <>
      <div class="row">
        <ColumnPicker all={all} chosen={columns} usual={view.value.columns.length === 0} />
        <SelectAll runs={runs} words />
        <button type="button" class="button" data-action="table-csv" onClick={download}>
          Save as CSV
        </button>
      </div>
      <div ref={box} class="table-box card" {...useRowKeys(box)}>
        <table class="runs-table">
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column} column={column} number={runs.some((run) => isNumber(run, column))} grouped={groups !== null} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Gap rows={from} />
            {rows.slice(from, until).map((row) =>
              "run" in row ? (
                <tr key={row.key} data-key={row.key} data-run={row.run.id} class={row.member ? "table-member" : ""}>
                  <RunCells
                    row={row}
                    columns={columns}
                    best={best}
                    groups={groups}
                    base={base}
                    order={runs}
                    short={short.get(row.run.name)}
                    open={shown.has(row.run.id)}
                    look={looks.get(row.run.id)}
                  />
                </tr>
              ) : (
                <tr key={row.key} data-key={row.key} class="table-group" data-picked={view.value.picks.includes(row.group.name)}>
                  <GroupCells row={row} columns={columns} look={looks.get(row.runs[0]?.id ?? "")} unfolded={unfolded} onFold={fold} />
                </tr>
              ),
            )}
            <Gap rows={rows.length - until} />
          </tbody>
        </table>
      </div>
    </>
  );
}

interface RunCellsProps {
  row: Extract<TableRow, { run: Run }>;
  columns: readonly ColumnId[];
  /** By column, the runs with the best value. */
  best: ReadonlyMap<ColumnId, ReadonlySet<string>>;
  groups: RunGroups | null;
  /** What the others are measured by. */
  base: Run | undefined;
  /** The runs of the table, in which a range may be selected. */
  order: readonly Run[];
  short: string | undefined;
  open: boolean;
  look: Look | undefined;
}

function RunCells({ row: { run, member }, columns, best, groups, base, order, short, open, look }: RunCellsProps): JSX.Element {
  const judge = groups?.metric ? `summary:${groups.metric.name}` : null;
  const cell = (column: ColumnId): JSX.Element | null => {
    if (column === "name")
      return (
        <span class="row">
          <SelectBox run={run} order={order} />
          <Eye run={run} open={open} look={look} />
          <RunName run={run} short={short} class="grow" />
          <WhyLink run={run} />
          <BaselineButton run={run} />
        </span>
      );
    if (member && column === judge) return <MemberResult member={member} unit={groups?.metric?.unit ?? null} />;
    // Of other metrics only the best and the last value are known here.
    return member && column.startsWith("summary:") && view.value.at !== "best" ? null : <Cell run={run} column={column} base={base} />;
  };
  return (
    <>
      {columns.map((column) => (
        <td
          key={column}
          data-column={column}
          data-differs={differsFrom(base, run, column)}
          data-best={!member && (best.get(column)?.has(run.id) ?? false)}
          class={isNumber(run, column) ? "number" : ""}
        >
          {cell(column)}
        </td>
      ))}
    </>
  );
}

/** In groups, the metric that they are judged by is always there, and what names them is not said twice. */
function shownColumns(columns: readonly ColumnId[], groups: RunGroups | null, by: string): ColumnId[] {
  const metric = groups?.metric ? `summary:${groups.metric.name}` : null;
  if (metric === null) return [...columns];
  const others = columns.filter((column) => column !== "name" && column !== by && column !== metric);
  return ["name", metric, ...others];
}

/** With one run there is nothing to be better than. */
function bestIn(runs: readonly Run[], column: ColumnId): Set<string> {
  return column.startsWith("summary:") && runs.length > 1 ? bestRuns(runs, titleOf(column), definitions.value) : new Set();
}

function Gap({ rows }: { rows: number }): JSX.Element | null {
  return rows > 0 ? <tr aria-hidden="true" style={{ height: `${rows * ROW}px` }} /> : null;
}

function Head({ column, number, grouped }: { column: ColumnId; number: boolean; grouped: boolean }): JSX.Element {
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
        {oneLine(grouped ? groupHeading(column) : headingOf(column, definitions.value))}
        <span class="muted">{better}</span>
        {sorted && <span aria-hidden="true">{descending ? " ↓" : " ↑"}</span>}
      </button>
    </th>
  );
}

/** Of groups, another value than the best may count. */
function groupHeading(column: ColumnId): string {
  const { at } = view.value;
  if (at === "best" || !column.startsWith("summary:")) return headingOf(column, definitions.value);
  return `${titleOf(column)} (${at === "last" ? at : `at step ${at}`})`;
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
