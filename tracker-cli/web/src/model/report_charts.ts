/** Which charts a report offers, and which it has by itself. */
import type { Definitions, Run } from "../data/types.ts";
import { layerFamilies } from "./layers.ts";
import { sectionsOf } from "./sections.ts";

/** So many charts fill a page of paper. */
const USUAL = 6;

/** All metrics of the runs in the order of their sections, and those of which somebody has said which values are better. */
export function reportCharts(runs: readonly Run[], definitions: Definitions): { all: string[]; usual: string[] } {
  const names = new Set(runs.flatMap((run) => Object.keys(run.summary)));
  const all = sectionsOf([...names].filter((metric) => !definitions[metric]?.hidden)).flatMap(({ metrics }) => metrics);
  const ofLayers = new Set(layerFamilies(all).flatMap(({ layers }) => layers.map(({ metric }) => metric)));
  const told = all.filter((metric) => !/^(batch|system)\//.test(metric) && !ofLayers.has(metric));
  const directed = told.filter((metric) => definitions[metric]?.direction);
  return { all, usual: (directed.length > 0 ? directed : told).slice(0, USUAL) };
}
