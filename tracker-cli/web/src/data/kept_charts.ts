/** What somebody has chosen for the charts of a project, kept in this browser until they choose otherwise. */
import { saved } from "./saved.ts";

const PREFIX = "tracker.charts.";

/** The words of the choices; a report keeps nothing. */
export function keptCharts(project: string): string[] {
  if (saved || project === "") return [];
  try {
    const read: unknown = JSON.parse(localStorage.getItem(PREFIX + project) ?? "[]");
    return Array.isArray(read) ? read.filter((word) => typeof word === "string") : [];
  } catch {
    return [];
  }
}

export function keepCharts(project: string, words: readonly string[]): void {
  if (saved || project === "") return;
  try {
    if (words.length === 0) localStorage.removeItem(PREFIX + project);
    else localStorage.setItem(PREFIX + project, JSON.stringify(words));
  } catch {
    // A browser that keeps nothing for pages still has the choices in the address.
  }
}
