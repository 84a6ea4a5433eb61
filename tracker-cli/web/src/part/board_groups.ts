/** The charts of a board in their groups: the row on top, those that were added, and the sections. */
import { keyOfMetric, metricOfKey } from "../model/chart_choice.ts";
import type { ChartChoice } from "../model/chart_choice.ts";
import { layerFamilies } from "../model/layers.ts";
import type { LayerFamily } from "../model/layers.ts";
import { inOrder } from "../model/layout.ts";
import type { Section } from "../model/sections.ts";
import type { BoardLayout } from "./use_layout.ts";

/** Charts that stand together, and may be moved among each other. */
export interface Group {
  /** `pinned`, `added` or `s:SECTION`. */
  id: string;
  title: string;
  /** The charts in sight, by their keys. */
  keys: readonly string[];
  /** What layers share of it: each is one map, and the single charts lie folded below it. */
  families: readonly LayerFamily[];
  /** All that belong to it, in the order in which they come by themselves. */
  all: readonly string[];
}

export const PINNED = "pinned";
export const ADDED = "added";

/** The groups that have a chart in sight, in their order. */
export function groupsOf(sections: readonly Section[], added: readonly ChartChoice[], layout: BoardLayout): Group[] {
  const ofSections = sections.map(({ name, metrics }) => {
    const families = layerFamilies(metrics);
    const ofLayers = new Set(families.flatMap(({ layers }) => layers.map(({ metric }) => metric)));
    const others = metrics.filter((metric) => !ofLayers.has(metric));
    return { id: `s:${name}`, title: name, families, all: others.map(keyOfMetric) };
  });
  const ofAdded = { id: ADDED, title: "Added charts", families: [], all: added.map(({ key }) => key) };
  const rest = [ofAdded, ...ofSections];
  const there = new Set(rest.flatMap(({ all }) => all));
  const top = layout.pinned.filter((key) => there.has(key) && !layout.hidden.has(key));
  const onTop = new Set(top);
  const inSight = (all: readonly string[]): string[] =>
    inOrder(all, layout.order).filter((key) => !onTop.has(key) && !layout.hidden.has(key));
  const groups: Group[] = [
    { id: PINNED, title: "Pinned", families: [], keys: top, all: top },
    ...rest.map((group) => ({ ...group, keys: inSight(group.all) })),
  ];
  return groups.filter(({ keys, families }) => keys.length + families.length > 0);
}

/** What somebody has pinned and no run has. */
export function missingPins(layout: BoardLayout, choices: readonly ChartChoice[], known: ReadonlySet<string>): string[] {
  if (layout.isUsual) return [];
  const isThere = (key: string): boolean => known.has(metricOfKey(key) ?? "") || choices.some((choice) => choice.key === key);
  return layout.pinned.filter((key) => !isThere(key));
}

/** What a chart is called where it is not to be seen. */
export function titleOfKey(key: string, choices: readonly ChartChoice[]): string {
  const choice = choices.find((each) => each.key === key);
  return choice?.name || metricOfKey(key) || choice?.lines.map(({ metric }) => metric).join(", ") || "an added chart";
}
