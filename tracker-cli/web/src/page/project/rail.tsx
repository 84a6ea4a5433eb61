import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useCallback, useMemo, useState } from "preact/hooks";
import { selected } from "../../data/many.ts";
import { setView, view, viewField } from "../../data/route.ts";
import { definitions, runs } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { columnsOf, exactOf, groupsOf, startsDescending, summaryOf, titleOf, valueOf } from "../../model/column.ts";
import { divergedMetrics } from "../../model/diverged.ts";
import { eyeOf, NEWEST, withOnly } from "../../model/drawn.ts";
import { shortTimeOf } from "../../model/duration.ts";
import { formatAge, formatNumber, formatScalar } from "../../model/format.ts";
import type { QueryError } from "../../model/query.ts";
import { completeQuery } from "../../model/query_completion.ts";
import { oneLine } from "../../model/safe_text.ts";
import { shortNames } from "../../model/short_names.ts";
import { BaselineButton } from "../../part/baseline_button.tsx";
import { ColumnOptions } from "../../part/column_options.tsx";
import { AlertCount } from "../../part/alert_count.tsx";
import { CompletingInput } from "../../part/completing_input.tsx";
import { Diverged } from "../../part/diverged.tsx";
import { Exact } from "../../part/exact.tsx";
import { highlight } from "../../part/highlight.ts";
import { RunName } from "../../part/run_name.tsx";
import { StateMark } from "../../part/state_mark.tsx";
import { VirtualList } from "../../part/virtual_list.tsx";
import { Eye } from "./eye.tsx";
import { GroupRow } from "./group_row.tsx";
import { SelectAll, SelectBox } from "./select_box.tsx";
import { WhyLink } from "./measured.tsx";
import type { Look, Looks } from "../../model/palette.ts";

interface RailProps {
  all: readonly Run[];
  /** The runs that the search leaves, sorted. */
  listed: readonly Run[];
  drawn: readonly Run[];
  looks: Looks;
  error: QueryError | null;
  /** What of the search may be meant otherwise. */
  notes: readonly string[];
}

/** The list of runs: search, sort, group, and an eye for each. */
export function Rail({ all, listed, drawn, looks, error, notes }: RailProps): JSX.Element {
  const shown = new Set(drawn.map((run) => run.id));
  const short = useMemo(() => shortNames(listed.map((run) => run.name)), [listed]);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const fold = (title: string): void =>
    setFolded(folded.has(title) ? new Set([...folded].filter((each) => each !== title)) : new Set([...folded, title]));
  const rows = rowsOf(listed, viewField("groupBy"), folded);
  const order = rows.flatMap((row) => ("run" in row ? row.run : []));
  const shortTitles = shortNames(rows.flatMap((row) => ("run" in row ? [] : [row.title])));
  return (
    <aside class={selected.value.size > 0 ? "rail selecting" : "rail"} aria-label="Runs">
      <div class="rail-head">
        <Search all={all} error={error} notes={notes} />
        <div class="rail-tools">
          <Sort all={all} />
          <GroupBy all={all} />
        </div>
      </div>
      <Counts all={all.length} listed={listed} shown={shown.size} />
      {listed.length === 0 && (
        <p class="rail-empty muted">
          No run fits this search.{" "}
          <button type="button" class="button" data-action="clear-search" onClick={() => setView({ query: "" })}>
            Clear it
          </button>
        </p>
      )}
      <VirtualList
        items={rows}
        rowHeight={30}
        class="rail-list"
        label="Runs"
        row={(row) =>
          "run" in row ? (
            <RunRow
              key={row.key}
              id={row.key}
              run={row.run}
              order={order}
              short={short.get(row.run.name)}
              open={shown.has(row.run.id)}
              look={looks.get(row.run.id)}
            />
          ) : (
            <GroupRow
              key={row.key}
              id={row.key}
              title={row.title}
              short={shortTitles.get(row.title)}
              runs={row.runs}
              folded={folded.has(row.title)}
              onFold={() => fold(row.title)}
              open={row.runs.some((run) => shown.has(run.id))}
              look={viewField("grouped") ? looks.get(row.runs[0]?.id ?? "") : undefined}
            />
          )
        }
      />
    </aside>
  );
}

type Row = { key: string; run: Run } | { key: string; title: string; runs: Run[] };

/** The list with a heading over each group. */
function rowsOf(listed: readonly Run[], groupBy: string, folded: ReadonlySet<string>): Row[] {
  if (groupBy === "") return listed.map((run) => ({ key: run.id, run }));
  const groups = new Map<string, Run[]>();
  for (const run of listed) for (const group of groupsOf(run, groupBy)) groups.set(group, [...(groups.get(group) ?? []), run]);
  return [...groups].flatMap(([title, members]): Row[] => [
    { key: `group ${title}`, title, runs: members },
    ...(folded.has(title) ? [] : members).map((run) => ({ key: `${title} ${run.id}`, run })),
  ]);
}

/** Rows of the list that completions may cover. */
const MOST_COMPLETIONS = 8;

function Search({ all, error, notes }: Pick<RailProps, "all" | "error" | "notes">): JSX.Element {
  const complete = useCallback(
    (text: string, caret: number) => completeQuery(text, caret, all, definitions.value, MOST_COMPLETIONS),
    [all, definitions.value],
  );
  return (
    <div>
      <CompletingInput
        class="search"
        clear="Clear the search"
        action="search"
        label="Search runs"
        isInvalid={error !== null}
        placeholder="Search, or e.g. lr < 0.01"
        value={viewField("query")}
        onType={(query) => setView({ query }, "replace")}
        complete={complete}
      />
      {error && (
        <p class="tiny bad-text" role="alert" data-notice="query">
          {error.message} — {error.hint}
        </p>
      )}
      {notes.map((note) => (
        <p key={note} class="tiny muted" role="status" data-notice="query-note">
          {note}
        </p>
      ))}
    </div>
  );
}

function Sort({ all }: { all: readonly Run[] }): JSX.Element {
  const [sort, descending] = [viewField("sort"), viewField("descending")];
  return (
    <span class="row">
      <Columns
        action="sort"
        label="Sort by"
        all={all}
        value={sort}
        empty={null}
        onChoose={(column) => setView({ sort: column, descending: startsDescending(column, definitions.value) })}
      />
      <button
        type="button"
        class="button plain"
        data-action="direction"
        title={descending ? "The greatest first" : "The smallest first"}
        aria-label={descending ? "Sorted with the greatest first; turn around" : "Sorted with the smallest first; turn around"}
        onClick={() => setView({ descending: !descending })}
      >
        {descending ? "↓" : "↑"}
      </button>
    </span>
  );
}

/** Runs of a group, most often seeds of one experiment, are averaged as soon as there are groups. */
function GroupBy({ all }: { all: readonly Run[] }): JSX.Element {
  return (
    <Columns
      action="group-by"
      label="Group by"
      all={all}
      value={viewField("groupBy")}
      empty="no groups"
      onChoose={(groupBy) => setView({ groupBy, grouped: groupBy !== "" })}
    />
  );
}

interface ColumnsProps {
  action: string;
  label: string;
  all: readonly Run[];
  value: string;
  /** What stands for no column; null where there must be one. */
  empty: string | null;
  onChoose(column: string): void;
}

function Columns({ action, label, all, value, empty, onChoose }: ColumnsProps): JSX.Element {
  const columns =
    empty === null
      ? columnsOf(all, definitions.value)
      : ["group", "tag", ...columnsOf(all, definitions.value).filter((column) => column.startsWith("config:"))];
  const known = value === "" || columns.includes(value);
  return (
    <select data-action={action} aria-label={label} title={label} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      {empty !== null && <option value="">{empty}</option>}
      <ColumnOptions columns={columns} />
      {!known && <option value={value}>{titleOf(value)}</option>}
    </select>
  );
}

function Counts({ all, listed, shown }: { all: number; listed: readonly Run[]; shown: number }): JSX.Element {
  const [draw, show, hide] = [viewField("draw"), viewField("show"), viewField("hide")];
  const choose = (next: typeof draw): void => setView({ draw: next, show: [], hide: [] });
  const touched = draw !== "newest" || show.length > 0 || hide.length > 0;
  return (
    <div class="tiny muted rail-counts">
      <div class="row">
        <SelectAll runs={listed} />
        <span class="grow" role="status" data-count={listed.length} data-shown={shown}>
          {listed.length === all ? `${all} ${all === 1 ? "run" : "runs"}` : `${listed.length} of ${all} runs`}, {shown} shown
        </span>
        <DivergedCount listed={listed} />
      </div>
      <div class="row" role="group" aria-label="Which runs are drawn">
        <span>draw</span>
        <button type="button" class="link" data-action="show-all" onClick={() => choose("all")}>
          all
        </button>
        <button type="button" class="link" data-action="show-none" onClick={() => choose("none")}>
          none
        </button>
        {listed.length > NEWEST && (
          <button
            type="button"
            class="link"
            data-action="show-first"
            title="The first of this list, as it is sorted"
            aria-pressed={draw === "first"}
            onClick={() => choose("first")}
          >
            first {NEWEST}
          </button>
        )}
        {touched && (
          <button type="button" class="link" data-action="show-newest" onClick={() => choose("newest")}>
            newest {NEWEST}
          </button>
        )}
      </div>
    </div>
  );
}

const DIVERGED = "diverged = true";

/** One click from many runs to those that went wrong. */
function DivergedCount({ listed }: { listed: readonly Run[] }): JSX.Element | null {
  const count = listed.filter((run) => divergedMetrics(run).length > 0).length;
  if (count === 0 || viewField("query") === DIVERGED) return null;
  return (
    <button
      type="button"
      class="link warn-text"
      data-action="diverged"
      title={`Search for ${DIVERGED}`}
      onClick={() => setView({ query: DIVERGED })}
    >
      {count} diverged
    </button>
  );
}

function RunRow({
  id,
  run,
  order,
  short,
  open,
  look,
}: {
  id: string;
  run: Run;
  /** All runs of the list, as it stands. */
  order: readonly Run[];
  short: string | undefined;
  open: boolean;
  look: Look | undefined;
}): JSX.Element {
  const lit = useComputed(() => highlight.value === run.id);
  const point = (id: string | null) => (): void => {
    highlight.value = id;
  };
  return (
    <div
      class="run-row"
      role="listitem"
      data-key={id}
      data-run={run.id}
      data-open={open}
      data-highlight={lit}
      onPointerEnter={point(run.id)}
      onPointerLeave={point(null)}
    >
      <SelectBox run={run} order={order} />
      <Eye run={run} open={open} look={look} />
      <RunName run={run} short={short} class="grow" />
      <button
        type="button"
        class="link only"
        data-action="only"
        title={viewField("grouped") && viewField("groupBy") !== "" ? "Show only its group" : "Show only this run"}
        aria-label={`Show only ${oneLine(run.name)}`}
        onClick={() => setView(withOnly(view.value, eyeOf(run, runs.value ?? [], view.value)))}
      >
        only
      </button>
      <WhyLink run={run} />
      <BaselineButton run={run} />
      <Diverged run={run} />
      <AlertCount run={run} />
      <span class="muted tiny rail-value">
        <Exact shown={rowValue(run)} exact={exactOf(run, valueColumn())} />
      </span>
      <StateMark run={run} />
    </div>
  );
}

/** What stands beside the names: what the list is sorted by, or the start where that is to be seen anyway. */
function valueColumn(): string {
  const sort = viewField("sort");
  return sort === "name" || sort === "state" ? "started" : sort;
}

/** That value, cut for the list; a start is told as an age. */
function rowValue(run: Run): string {
  const sort = valueColumn();
  if (sort === "started") return formatAge(run.started_at, Date.now());
  if (sort.startsWith("summary:")) {
    const value = summaryOf(run, titleOf(sort));
    return value === null ? "" : formatNumber(value, definitions.value[titleOf(sort)]?.unit);
  }
  if (sort === "seconds") return shortTimeOf(run);
  return oneLine(formatScalar(valueOf(run, sort)));
}
