/**
 * Results of groups of runs, such as seeds of one experiment: the mean with its spread. What the server says of groups
 * (`GET /api/v1/groups`) is of one metric; this is the table of all, which a report has too, where no server answers.
 */
import type { Definitions, Run } from "../data/types.ts";
import { groupsOf, summaryOf } from "./column.ts";

export interface GroupStat {
  mean: number;
  /** Of a sample, over n - 1; null of a single run. */
  std: number | null;
  runs: number;
}

export interface GroupRow {
  group: string;
  runs: Run[];
  /** By metric; a group without the metric has none. */
  stats: Map<string, GroupStat>;
}

/** A row a group, in the order in which the groups come. Values that are not finite are left out and not counted. */
export function groupRows(runs: readonly Run[], groupBy: string, metrics: readonly string[]): GroupRow[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) for (const group of groupsOf(run, groupBy)) groups.set(group, [...(groups.get(group) ?? []), run]);
  return [...groups].map(([group, members]) => ({ group, runs: members, stats: statsOf(members, metrics) }));
}

function statsOf(runs: readonly Run[], metrics: readonly string[]): Map<string, GroupStat> {
  const stats = new Map<string, GroupStat>();
  for (const metric of metrics) {
    const values = runs.map((run) => summaryOf(run, metric)).filter((value) => value !== null && Number.isFinite(value)) as number[];
    const stat = statOf(values);
    if (stat) stats.set(metric, stat);
  }
  return stats;
}

export function statOf(values: readonly number[]): GroupStat | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)), runs: values.length };
}

/** The groups with the best mean of a metric; none where it has no direction or there is only one group. */
export function bestGroups(rows: readonly GroupRow[], metric: string, definitions: Definitions): Set<string> {
  const direction = definitions[metric]?.direction;
  const means = rows.flatMap(({ group, stats }) => (stats.has(metric) ? [{ group, mean: stats.get(metric)?.mean ?? NaN }] : []));
  if (!direction || means.length < 2) return new Set();
  const best = means.map(({ mean }) => mean).reduce((a, b) => (direction === "lower" ? Math.min(a, b) : Math.max(a, b)));
  return new Set(means.filter(({ mean }) => mean === best).map(({ group }) => group));
}
