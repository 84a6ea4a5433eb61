import type { JSX } from "preact";
import { api } from "../../data/api.ts";
import { setView } from "../../data/route.ts";
import { saved } from "../../data/saved.ts";
import type { AloneIn, Definitions, Differing, DifferingValue, Divergence, Run } from "../../data/types.ts";
import { headingOf, summaryOf } from "../../model/column.ts";
import { signed } from "../../model/delta.ts";
import { formatNumber, numberOf } from "../../model/format.ts";
import type { Looks } from "../../model/palette.ts";
import { oneLine } from "../../model/safe_text.ts";
import { CutText } from "../../part/cut_text.tsx";
import { Exact } from "../../part/exact.tsx";
import { useFirstRows } from "../../part/first_rows.tsx";
import { Empty, Failure, Loading } from "../../part/notice.tsx";
import { runLabel } from "../../part/run_name.tsx";
import { useFetched } from "../run/use_detail.ts";
import { firstWords, placeWords } from "../../model/divergence.ts";
import { RunHeads } from "./run_heads.tsx";
import { keyScrolled } from "../../part/key_scrolled.ts";

interface WhyProps {
  runs: readonly Run[];
  definitions: Definitions;
  looks: Looks;
}

/** Rows of each table at first. */
const FIRST = 40;

/** Why one of two runs is better: their results, and all that differs between them. */
export function Why({ runs, definitions, looks }: WhyProps): JSX.Element {
  const [first, second] = runs;
  if (!first || !second || runs.length > 2)
    return (
      <Empty title="Two runs are laid beside each other here">
        <p>Take others out above; a run's “baseline” makes it the first.</p>
      </Empty>
    );
  return <OfTwo key={`${first.id} ${second.id}`} pair={[first, second]} definitions={definitions} looks={looks} />;
}

function OfTwo({ pair, definitions, looks }: { pair: [Run, Run]; definitions: Definitions; looks: Looks }): JSX.Element {
  const [first, second] = pair;
  const { value, failure } = useFetched(
    () => (saved ? Promise.reject(new Error("a report has the other tabs")) : api.diverge(first.id, second.id)),
    `${first.id} ${second.id} ${first.finished_at} ${second.finished_at}`,
    true,
  );
  return (
    <div class="why">
      <ResultsOfTwo pair={pair} definitions={definitions} looks={looks} />
      {failure && <Failure error={failure} />}
      {!value && !failure && <Loading what="what differs" />}
      {value && <Found pair={pair} found={value} looks={looks} />}
    </div>
  );
}

/** What says which is better: results with a direction, those that differ. */
function ResultsOfTwo({ pair, definitions, looks }: { pair: [Run, Run]; definitions: Definitions; looks: Looks }): JSX.Element | null {
  const rows = Object.keys(pair[0].summary).flatMap((metric) => {
    const { direction = null, unit = null } = definitions[metric] ?? {};
    const values = pair.map((run) => summaryOf(run, metric));
    const [before, now] = values as [number | null, number | null];
    if (!direction || before === null || now === null || before === now) return [];
    return [{ metric, unit, before, now, better: direction === "lower" ? now < before : now > before }];
  });
  if (rows.length === 0) return null;
  return (
    <PairTable kind="results" title="Results" name="metric" rows={rows} pair={pair} looks={looks} last="difference">
      {({ metric, unit, before, now, better }) => (
        <tr key={metric} data-metric={metric} data-better={better}>
          <th scope="row" title={oneLine(metric)}>
            <CutText text={oneLine(headingOf(`summary:${metric}`, definitions))} />
          </th>
          {[before, now].map((value, at) => (
            <td key={at} class="number">
              <Exact shown={formatNumber(value, unit)} exact={String(value)} />
            </td>
          ))}
          <td class={`number ${better ? "good-text" : "bad-text"}`}>
            {Number.isFinite(now - before) ? signed(now - before, unit) : ""} {better ? "better" : "worse"}
          </td>
        </tr>
      )}
    </PairTable>
  );
}

function Found({ pair, found, looks }: { pair: [Run, Run]; found: Divergence; looks: Looks }): JSX.Element {
  const tables: [string, string, readonly Differing[]][] = [
    ["config", "Settings that differ", found.config],
    ["facts", "Facts that differ", found.facts],
    ["origin", "Code and machine", found.origin],
    ["packages", "Packages that differ", found.packages],
  ];
  const filled = tables.filter(([, , rows]) => rows.length > 0);
  return (
    <>
      {filled.map(([kind, title, rows]) => (
        <WordsTable key={kind} kind={kind} title={title} rows={rows} pair={pair} looks={looks} />
      ))}
      {filled.length === 0 && <p class="muted">No setting, fact, commit or package differs.</p>}
      <FirstDifference pair={pair} found={found} looks={looks} />
      {found.warnings.map((warning) => (
        <p key={warning} class="notice warn">
          {warning}
        </p>
      ))}
    </>
  );
}

interface PairTableProps<Row> {
  kind: string;
  title: string;
  /** What the rows are called. */
  name: string;
  rows: readonly Row[];
  pair: readonly Run[];
  looks: Looks;
  /** A column behind those of the runs, which are numbers then. */
  last?: string;
  children(row: Row): JSX.Element;
}

/** A column for each of the two runs. */
function PairTable<Row>({ kind, title, name, rows, pair, looks, last, children: row }: PairTableProps<Row>): JSX.Element {
  const first = useFirstRows(rows, FIRST);
  return (
    <section ref={keyScrolled} class="card scroll-box" data-why={kind}>
      <h2 class="table-title">{title}</h2>
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">{name}</th>
            <RunHeads runs={pair} looks={looks} number={last !== undefined} />
            {last && (
              <th scope="col" class="number">
                {last}
              </th>
            )}
          </tr>
        </thead>
        <tbody>{first.shown.map(row)}</tbody>
      </table>
      {first.rest}
    </section>
  );
}

type TableProps = Omit<PairTableProps<Differing>, "name" | "children">;

/** Values as words. */
function WordsTable(props: TableProps): JSX.Element {
  return (
    <PairTable {...props} name="name">
      {({ name, values }) => (
        <tr key={name} data-name={name}>
          <th scope="row" class="mono plain-text">
            {oneLine(name)}
          </th>
          {values.map((value, at) => (
            <td key={at} class="mono plain-text">
              {oneLine(value)}
            </td>
          ))}
        </tr>
      )}
    </PairTable>
  );
}

/** Rows of one kind of difference. */
const MOST_POINTS = 10;

/** Where their numbers part: the likely cause first. */
function FirstDifference({ pair, found, looks }: { pair: readonly Run[]; found: Divergence; looks: Looks }): JSX.Element {
  const at = found.bitwise[0]?.step;
  const show = (): void => setView({ tab: "charts", step: String(at ?? ""), told: true });
  // Mostly what differs at all does by much.
  const isSame = found.beyond[0]?.step === at && found.beyond_of === found.bitwise_of;
  const ends = found.alone.map((alone) => alone.last_step);
  const points: [string, string, readonly DifferingValue[], number][] = [
    ["bitwise", "in any bit", found.bitwise, found.bitwise_of],
    ["beyond", `by more than ${found.tolerance} of the value`, isSame ? [] : found.beyond, found.beyond_of],
  ];
  return (
    <>
      <p class="card pad row wrap" data-why="divergence" data-step={at}>
        <span data-text="first">{firstWords(found)}</span>
        {at !== undefined && (
          <button type="button" class="button small" data-action="show-step" onClick={show}>
            Show step {at}
          </button>
        )}
        <span class="muted tiny">
          {found.alone.flatMap((alone, side) => aloneWords(alone, runLabel(pair[side] as Run), ends[0] !== ends[1])).join(" ")}
        </span>
      </p>
      {points.flatMap(([kind, how, of, all]) =>
        of[0] ? (
          <WordsTable key={kind} kind={kind} title={`${titleOf(of[0])}, ${how}`} rows={pointRows(of, all)} pair={pair} looks={looks} />
        ) : (
          []
        ),
      )}
    </>
  );
}

function titleOf(first: DifferingValue): string {
  return `First differ at ${placeWords(first)}`;
}

function pointRows(points: readonly DifferingValue[], of: number): Differing[] {
  const rows = points.slice(0, MOST_POINTS).map(({ metric, rank, values }) => ({
    name: rank > 0 ? `${metric} (rank ${rank})` : metric,
    values: values.map((value) => String(numberOf(value))),
  }));
  return of > rows.length ? [...rows, { name: `and ${of - rows.length} more metrics`, values: [] }] : rows;
}

function aloneWords(
  { metrics, points, first_metric: metric, first_step: step, last_step: last }: AloneIn,
  name: string,
  tellsEnd: boolean,
): string[] {
  const words: string[] = [];
  const shown = metrics.slice(0, MOST_POINTS).map(oneLine).join(", ");
  if (metrics.length > 0)
    words.push(`Only ${name} has ${shown}${metrics.length > MOST_POINTS ? ` and ${metrics.length - MOST_POINTS} more` : ""}.`);
  if (points > 0 && metric !== null)
    words.push(`${name} has ${points} points at steps of its own, the first of ${oneLine(metric)} at ${step}.`);
  if (tellsEnd && last !== null) words.push(`${name} ends at step ${last}.`);
  return words;
}
