/** The run by which those of a project are measured, kept in this browser until another is chosen. */
import { saved } from "./saved.ts";

const PREFIX = "tracker.baseline.";

/** Its id; empty where none is kept. A report keeps nothing. */
export function keptBaseline(project: string): string {
  if (saved || project === "") return "";
  try {
    return localStorage.getItem(PREFIX + project) ?? "";
  } catch {
    return "";
  }
}

export function keepBaseline(project: string, run: string): void {
  if (saved || project === "") return;
  try {
    if (run === "") localStorage.removeItem(PREFIX + project);
    else localStorage.setItem(PREFIX + project, run);
  } catch {
    // A browser that keeps nothing for pages still has the baseline in the address.
  }
}
