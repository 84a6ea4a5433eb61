/**
 * Columns of runs: a word names each (`name`, `state`, `config:model.hidden`, `summary:valid/loss`), the
 * same in the address, the table, the sort, groups and scatter plots.
 */
import type { Definitions, Run } from "../data/types.ts";
import { divergedMetrics } from "./diverged.ts";
import { flatten } from "./flatten.ts";
import type { Scalar } from "./flatten.ts";
import { numberOf } from "./format.ts";
import { byName } from "./natural.ts";
import { hueOf, looksTogether } from "./palette.ts";
import type { Look } from "./palette.ts";
import { sectionsOf } from "./sections.ts";

export type ColumnId = string;

const flat = new WeakMap<object, Map<string, Scalar>>();

/** A run's config as paths, computed once: thousands of runs are searched at each key press. */
export function configOf(run: Run): Map<string, Scalar> {
  let known = flat.get(run.config);
  if (!known) flat.set(run.config, (known = flatten(run.config, run.config_exact)));
  return known;
}

/** All digits of what a run has in a column, as it was set or computed; empty where it has nothing. */
export function exactOf(run: Run, column: ColumnId): string {
  const exact = column.startsWith("config:") ? run.config_exact[column.slice("config:".length)] : undefined;
  const value = valueOf(run, column);
  return exact ?? (value === undefined ? "" : String(value));
}

/** The group of a run: its own, else the study whose trial it is, as for the command line. */
export function groupOf(run: Run): string | null {
  return run.group ?? run.study ?? null;
}

/** What a run has in a column; undefined where it has nothing. */
export function valueOf(run: Run, column: ColumnId): Scalar | undefined {
  if (column.startsWith("config:")) return configOf(run).get(column.slice("config:".length));
  if (column.startsWith("summary:")) return summaryOf(run, column.slice("summary:".length)) ?? undefined;
  switch (column) {
    case "name":
      return run.name;
    case "id":
      return run.id;
    case "project":
      return run.project;
    case "state":
      return run.state;
    case "diverged":
      return divergedMetrics(run).length > 0;
    case "alerts":
      return run.alerts;
    case "group":
      return groupOf(run) ?? undefined;
    case "tag":
      return run.tags.length === 0 ? undefined : run.tags.join(", ");
    case "notes":
      return run.notes ?? undefined;
    case "host":
      return run.host ?? undefined;
    case "user":
      return run.user ?? undefined;
    case "branch":
      return run.git?.branch ?? undefined;
    case "commit":
      return run.git?.commit ?? undefined;
    case "started":
      return run.started_at;
    case "seconds":
      return run.seconds ?? undefined;
    default:
      return undefined;
  }
}

/** The metric's best value where any run knows which values are better, else its last; without a finite value its last too. */
export function summaryOf(run: Run, metric: string): number | null {
  const summary = run.summary[metric];
  return summary ? (numberOf(summary.best) ?? numberOf(summary.last)) : null;
}

/** What a column is called. */
export function titleOf(column: ColumnId): string {
  return column === "seconds" ? "duration" : column.replace(/^(config|summary):/, "");
}

/** Which value stands for a metric where runs are listed. */
export function whichOf(metric: string, definitions: Definitions): "best" | "last" {
  return definitions[metric]?.direction ? "best" : "last";
}

/** What stands above a column, and of a metric which of its values. */
export function headingOf(column: ColumnId, definitions: Definitions): string {
  const title = titleOf(column);
  return column.startsWith("summary:") ? `${title} (${whichOf(title, definitions)})` : title;
}

/** The unit of a metric's column; a duration is in seconds. */
export function unitOf(column: ColumnId, definitions: Definitions): string | undefined {
  if (column === "seconds") return "s";
  return column.startsWith("summary:") ? (definitions[titleOf(column)]?.unit ?? undefined) : undefined;
}

/** All columns that any of the runs fills, the run's own first. */
export function columnsOf(runs: readonly Run[], definitions: Definitions): ColumnId[] {
  const config = new Set<string>();
  const summary = new Set<string>();
  for (const run of runs) {
    for (const path of configOf(run).keys()) config.add(`config:${path}`);
    for (const metric of Object.keys(run.summary)) if (!definitions[metric]?.hidden) summary.add(`summary:${metric}`);
  }
  const own = ["name", "state", "started", "seconds", "group", "tag", "notes", "diverged", "alerts", "host", "user", "branch", "commit"];
  return [...own, ...[...config].sort(byName), ...[...summary].sort(byName)];
}

/** Few columns at first: results with a known direction in the order of their charts, then what of the config differs. */
export function usualColumns(runs: readonly Run[], definitions: Definitions): ColumnId[] {
  const all = columnsOf(runs, definitions);
  const metrics = sectionsOf(all.filter((column) => column.startsWith("summary:")).map(titleOf)).flatMap((section) => section.metrics);
  const results = metrics.filter((metric) => /^(valid|test|train)\//.test(metric) && definitions[metric]?.direction);
  const others = metrics.filter((metric) => !/^(system|batch)\//.test(metric));
  const config = all.filter((column) => column.startsWith("config:") && varies(runs, column));
  const summary = (results.length > 0 ? results : others).slice(0, 6).map((metric) => `summary:${metric}`);
  return ["name", "state", "started", "seconds", ...summary, ...config.slice(0, 8)];
}

/** Whether the runs differ in a column. */
export function varies(runs: readonly Run[], column: ColumnId): boolean {
  const [first, ...rest] = runs;
  return first !== undefined && rest.some((run) => valueOf(run, column) !== valueOf(first, column));
}

/** Whether a sort by this column begins with its greatest: whatever is best or newest should stand first. */
export function startsDescending(column: ColumnId, definitions: Definitions): boolean {
  if (column.startsWith("summary:")) return definitions[titleOf(column)]?.direction !== "lower";
  return column === "started" || column === "seconds" || column === "diverged" || column === "alerts";
}

/** Numbers before words, and what is missing or NaN always last, whichever way the sort goes. */
export function sortRuns(runs: readonly Run[], column: ColumnId, descending: boolean): Run[] {
  const keyed = runs.map((run) => ({ run, value: valueOf(run, column) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => lastOnes(a.value, b.value) ?? sign * compareValues(a.value, b.value));
  return keyed.map(({ run }) => run);
}

function lastOnes(a: Scalar | undefined, b: Scalar | undefined): number | null {
  const [missingA, missingB] = [isMissing(a), isMissing(b)];
  return missingA || missingB ? Number(missingA) - Number(missingB) : null;
}

function isMissing(value: Scalar | undefined): boolean {
  return value === undefined || value === null || Number.isNaN(value);
}

export function isNumber(value: Scalar | undefined): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function compareValues(a: Scalar | undefined, b: Scalar | undefined): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (isNumber(a) || isNumber(b)) return isNumber(a) ? -1 : 1;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The ids of the runs with the best value of a metric; none where it has no direction. */
export function bestRuns(runs: readonly Run[], metric: string, definitions: Definitions): Set<string> {
  const direction = definitions[metric]?.direction;
  if (!direction) return new Set();
  const values = runs
    .map((run) => ({ id: run.id, value: summaryOf(run, metric) }))
    .filter(({ value }) => value !== null && Number.isFinite(value));
  const numbers = values.map(({ value }) => value as number);
  const best = numbers.reduce(
    (a, b) => (direction === "lower" ? Math.min(a, b) : Math.max(a, b)),
    direction === "lower" ? Infinity : -Infinity,
  );
  return new Set(values.filter(({ value }) => value === best).map(({ id }) => id));
}

/** The groups of a run: a run has one group and one value of a config, but may have many tags. */
export function groupsOf(run: Run, groupBy: string): string[] {
  return groupBy === "tag" && run.tags.length > 0 ? run.tags : [lineGroupOf(run, groupBy)];
}

/** The group in whose line a run is drawn: just one, or a run with two tags would count twice. */
export function lineGroupOf(run: Run, groupBy: string): string {
  const value = valueOf(run, groupBy);
  return value === undefined ? (groupBy === "tag" ? "no tag" : "none") : String(value);
}

/** How the line of each of these runs is drawn where groups are. */
export function groupLooks(runs: readonly Run[], groupBy: string, dark: boolean): Map<string, Look> {
  const groups = new Map(runs.map((run) => [run.id, lineGroupOf(run, groupBy)]));
  const looks = looksTogether(
    [...new Set(groups.values())].sort().map((id) => ({ id, hue: hueOf(id) })),
    dark,
  );
  return new Map(
    [...groups].flatMap(([id, group]) => {
      const look = looks.get(group);
      return look ? [[id, look] as const] : [];
    }),
  );
}
