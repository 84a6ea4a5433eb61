/**
 * What was last shown of each project, so that who leaves it and comes back finds it as it was: in this tab whatever
 * was shown, in this browser what somebody has chosen.
 */
import { isUsualLayout } from "../model/layout.ts";
import type { Layout } from "../model/layout.ts";
import { defaultView, formatView, parseView } from "../model/url_state.ts";
import type { View } from "../model/url_state.ts";
import { saved } from "./saved.ts";

const PREFIX = "tracker.view.";
const shown = new Map<string, string>();

/** The view to open a project with whose address says nothing; null for the usual one. Charts are kept by themselves. */
export function keptView(project: string): View | null {
  if (saved || project === "") return null;
  const words = shown.get(project) ?? stored(project);
  return words === "" ? null : parseView(new URLSearchParams(words));
}

/** Keeps what is shown for as long as the tab is there. */
export function rememberView(project: string, view: View): void {
  shown.set(project, wordsOf(view));
}

/** Keeps what somebody has chosen until another day. */
export function keepView(project: string, view: View): void {
  if (saved || project === "") return;
  const words = wordsOf(view);
  shown.set(project, words);
  try {
    if (words === "") localStorage.removeItem(PREFIX + project);
    else localStorage.setItem(PREFIX + project, words);
  } catch {
    // A browser that keeps nothing for pages still has the view in the address.
  }
}

/** Which charts stand where in the project's pages. */
export function keptLayout(project: string): Layout {
  const { pins, hidden, order } = keptView(project) ?? defaultView();
  return { pins, hidden, order };
}

export function keepLayout(project: string, layout: Layout): void {
  const view = keptView(project) ?? defaultView();
  if (!isUsualLayout(layout) || !isUsualLayout(view)) keepView(project, { ...view, ...layout });
}

/** What is open of a page is no part of it, and charts have their own place. */
function wordsOf(view: View): string {
  return formatView({ ...view, tab: "", charts: [] }).toString();
}

function stored(project: string): string {
  try {
    return localStorage.getItem(PREFIX + project) ?? "";
  } catch {
    return "";
  }
}
