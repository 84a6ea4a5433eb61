/** Which of the listed runs are drawn. */
import type { Run } from "../data/types.ts";
import { lineGroupOf } from "./column.ts";
import type { View } from "./url_state.ts";

/** More than a screen's colours can tell apart, and few enough to be drawn at once. */
export const NEWEST = 10;

type Choice = Pick<View, "draw" | "show" | "hide">;

/** The ids that are drawn: what `draw` says, with the eyes that were opened or closed by hand. */
export function drawnIds(listed: readonly Run[], { draw, show, hide }: Choice): Set<string> {
  const ids = new Set(usual(listed, draw));
  const here = new Set(listed.map((run) => run.id));
  for (const id of show) if (here.has(id)) ids.add(id);
  for (const id of hide) ids.delete(id);
  return ids;
}

/** Where groups are averaged, each group of which a run is drawn is drawn with all its runs. */
export function withWholeGroups(listed: readonly Run[], ids: ReadonlySet<string>, groupBy: string): Set<string> {
  const drawn = new Set(listed.filter((run) => ids.has(run.id)).map((run) => lineGroupOf(run, groupBy)));
  return new Set(listed.filter((run) => drawn.has(lineGroupOf(run, groupBy))).map((run) => run.id));
}

/** The runs that an eye opens and closes: where groups are averaged, all of the run's group. */
export function eyeOf(run: Run, listed: readonly Run[], { grouped, groupBy }: Pick<View, "grouped" | "groupBy">): string[] {
  if (!grouped || groupBy === "") return [run.id];
  const group = lineGroupOf(run, groupBy);
  return listed.filter((each) => lineGroupOf(each, groupBy) === group).map((each) => each.id);
}

/** The choice in which these runs are the only ones drawn; where they already are, the usual ones again. */
export function withOnly({ draw, show, hide }: Choice, ids: readonly string[]): Choice {
  const alone = draw === "none" && hide.length === 0 && show.length === ids.length && ids.every((id) => show.includes(id));
  return alone ? { draw: "newest", show: [], hide: [] } : { draw: "none", show: [...ids], hide: [] };
}

/** The choice after the eyes of these runs were opened or closed. */
export function withEyes(choice: Choice, ids: readonly string[], open: boolean): Pick<View, "show" | "hide"> {
  const touched = new Set(ids);
  const rest = (list: readonly string[]): string[] => list.filter((id) => !touched.has(id));
  return open
    ? { show: [...rest(choice.show), ...ids], hide: rest(choice.hide) }
    : { show: rest(choice.show), hide: [...rest(choice.hide), ...ids] };
}

function usual(listed: readonly Run[], draw: View["draw"]): string[] {
  if (draw === "none") return [];
  if (draw === "all") return listed.map((run) => run.id);
  if (draw === "first") return listed.slice(0, NEWEST).map((run) => run.id);
  return [...listed]
    .sort((a, b) => (a.started_at < b.started_at ? 1 : -1))
    .slice(0, NEWEST)
    .map((run) => run.id);
}
