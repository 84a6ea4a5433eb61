/** What the page asks of groups: the same question for what it shows and for the tables that are copied. */
import type { Run } from "../data/types.ts";
import { groupsOf, titleOf, valueOf } from "./column.ts";
import type { ColumnId } from "./column.ts";
import type { View } from "./url_state.ts";

type Asked = Pick<View, "query" | "picks" | "judge" | "at" | "pair">;

/** As the server bounds it. */
const MOST_COLUMNS = 50;

/** The parameters of `/groups` for the runs of a project. A search that makes no sense is left out, as the page's lists do. */
export function groupQuestion(project: string, by: string, view: Asked, columns: readonly ColumnId[], finds: boolean): URLSearchParams {
  const asked = judged(new URLSearchParams({ project, by }), view);
  if (finds && view.query.trim() !== "") asked.set("q", view.query);
  const results = columns.filter((column) => column.startsWith("summary:")).map(titleOf);
  for (const metric of results.slice(0, MOST_COLUMNS)) asked.append("column", metric);
  return asked;
}

/** The same for some runs by their ids. */
export function groupQuestionOfRuns(ids: readonly string[], by: string, view: Asked): URLSearchParams {
  const asked = judged(new URLSearchParams({ by }), view);
  for (const id of ids) asked.append("run", id);
  return asked;
}

/** With how groups are judged. */
function judged(asked: URLSearchParams, view: Asked): URLSearchParams {
  for (const pick of view.picks) asked.append("pick", pick);
  if (view.judge !== "") asked.set("metric", view.judge);
  if (view.at !== "best") asked.set("at", view.at);
  if (view.pair !== "") asked.set("pair", view.pair);
  return asked;
}

/** By what runs are grouped before somebody says so: their groups, or the first setting that several runs share and not all. */
export function usualGroupBy(runs: readonly Run[], columns: readonly ColumnId[]): string {
  if (runs.some((run) => run.group !== null)) return "group";
  const isShared = (column: ColumnId): boolean => {
    if (!column.startsWith("config:") || /seed$/i.test(column)) return false;
    const groups = new Set(runs.flatMap((run) => groupsOf(run, column)));
    return groups.size > 1 && groups.size <= runs.length / 2;
  };
  return columns.find(isShared) ?? "group";
}

/** The picks after a group was clicked: one more, or one less. */
export function withPick(picks: readonly string[], group: string): string[] {
  return picks.includes(group) ? picks.filter((each) => each !== group) : [...picks, group];
}

/** What all runs have in a column; null where they differ. */
export function sharedValue(runs: readonly Run[], column: ColumnId): ReturnType<typeof valueOf> | null {
  const [first, ...others] = runs;
  if (!first) return undefined;
  const value = valueOf(first, column);
  return others.every((run) => valueOf(run, column) === value) ? value : null;
}
