/** Charts by section: the part of a metric's name before its first `/`. */

import { byName } from "./natural.ts";
import { pattern, PatternError } from "./pattern.ts";

export interface Section {
  name: string;
  metrics: string[];
}

/** What people read first stands first; system values last; the others in between by name. */
const FIRST = ["valid", "train", "test"];
const LAST = ["batch", "system"];

export function sectionsOf(metrics: Iterable<string>): Section[] {
  const sections = new Map<string, string[]>();
  for (const metric of new Set(metrics)) {
    const name = sectionOf(metric);
    const list = sections.get(name);
    if (list) list.push(metric);
    else sections.set(name, [metric]);
  }
  return [...sections]
    .map(([name, list]) => ({ name, metrics: list.sort(byName) }))
    .sort((a, b) => rank(a.name) - rank(b.name) || byName(a.name, b.name));
}

/** A metric without a section stands in `metrics`. */
function sectionOf(metric: string): string {
  const slash = metric.indexOf("/");
  return slash > 0 ? metric.slice(0, slash) : "metrics";
}

/** Whether the section is read last. */
export function isLate(name: string): boolean {
  return LAST.includes(name);
}

function rank(name: string): number {
  if (FIRST.includes(name)) return FIRST.indexOf(name);
  return LAST.includes(name) ? 200 + LAST.indexOf(name) : 100;
}

/** The metrics that a filter leaves, or what is wrong with it. */
export function filterMetrics(metrics: string[], filter: string): { metrics: string[]; error: string | null } {
  if (filter.trim() === "") return { metrics, error: null };
  try {
    const wanted = pattern(filter, true);
    return { metrics: metrics.filter((metric) => wanted.test(metric)), error: null };
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown;
    return { metrics, error: `this is not a regular expression: ${thrown.message}` };
  }
}
