/** How runs are drawn: by their place in their project, which the server knows, the same on every page. */
import { groupLooks, lineGroupOf } from "../model/column.ts";
import { hueOf, lookAlone, looksTogether } from "../model/palette.ts";
import type { Look, Wish } from "../model/palette.ts";
import { viewField } from "./route.ts";
import { dark } from "./theme.ts";
import type { Run } from "./types.ts";

function wishOf({ id, ordinal }: Run): Wish {
  return { id, hue: ordinal };
}

/** The look of a run that no other one is drawn beside. */
export function lookOf(run: Run): Look {
  return lookAlone(wishOf(run), dark.value);
}

/** The looks of runs that are drawn together; where groups are averaged, those of their groups. The older run keeps its hue. */
export function looksOf(drawn: readonly Run[]): Map<string, Look> {
  const [grouped, groupBy] = [viewField("grouped"), viewField("groupBy")];
  if (grouped && groupBy !== "") return groupLooks(drawn, groupBy, dark.value);
  const oldest = [...drawn].sort((a, b) => a.ordinal - b.ordinal || (a.id < b.id ? -1 : 1));
  return looksTogether(oldest.map(wishOf), dark.value);
}

/** The looks of all runs of a list: those that are drawn, and the others as they would be alone or in their group's line. */
export function looksInList(all: readonly Run[], drawn: readonly Run[]): Map<string, Look> {
  const [grouped, groupBy] = [viewField("grouped"), viewField("groupBy")];
  const looks = looksOf(drawn);
  const ofGroups = new Map(grouped && groupBy !== "" ? drawn.map((run) => [lineGroupOf(run, groupBy), looks.get(run.id)]) : []);
  const other = (run: Run): Look => {
    if (!grouped || groupBy === "") return lookOf(run);
    const group = lineGroupOf(run, groupBy);
    return ofGroups.get(group) ?? lookAlone({ id: group, hue: hueOf(group) }, dark.value);
  };
  return new Map(all.map((run) => [run.id, looks.get(run.id) ?? other(run)]));
}
