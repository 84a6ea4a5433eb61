/** What a filter of metrics may become: the last of its alternatives completed to a section or a metric. */
import { complete, wordBefore } from "./completion.ts";
import type { Completion } from "./completion.ts";
import { sectionsOf } from "./sections.ts";

export function completeFilter(text: string, caret: number, metrics: readonly string[], most: number): Completion[] {
  const word = wordBefore(text, caret, /[|()^]/);
  if (word.text === "") return [];
  const sections = sectionsOf(metrics)
    .filter((section) => section.metrics.length > 1 && section.metrics.every((metric) => metric.startsWith(`${section.name}/`)))
    .map(({ name, metrics: of }) => ({ title: `${name}/`, note: `${of.length} metrics`, insert: escaped(`${name}/`) }));
  const single = metrics.map((title) => ({ title, note: "metric", insert: escaped(title) }));
  return complete(text, word, [...sections, ...single], most);
}

/** The signs of regular expressions stand for themselves. */
function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
