/** The saved views of the project that is shown, and which of them the page began with. */
import { batch, signal } from "@preact/signals";
import { keptChoices, formatChoice, parseChoices } from "../model/chart_choice.ts";
import { shownOf, viewOfShown, viewWord } from "../model/saved_view.ts";
import type { Shown } from "../model/saved_view.ts";
import type { View } from "../model/url_state.ts";
import { api } from "./api.ts";
import { keepCharts } from "./kept_charts.ts";
import { keepView } from "./kept_view.ts";
import { setView, view } from "./route.ts";
import { saved } from "./saved.ts";
import type { NamedView, ViewInList } from "./types.ts";

/** The view that was loaded or saved last. */
export interface Current {
  name: string;
  revision: string;
  shown: Shown;
  /** What it shows, to tell whether the page still does. */
  word: string;
}

export const current = signal<Current | null>(null);
export const views = signal<readonly ViewInList[]>([]);
/** What of the loaded view the page does not understand. */
export const viewNotes = signal<readonly string[]>([]);

const PREFIX = "tracker.named.";

/** What is kept of the last view: its name, and what it showed. */
interface Sticky {
  name: string;
  word: string;
}

export async function listViews(project: string): Promise<void> {
  views.value = (await api.views(project)).views;
}

/** Shows a saved view. */
export async function loadView(project: string, name: string): Promise<void> {
  const named = await api.view(project, name);
  const { view: next, notes } = viewOfShown(named.shown);
  batch(() => {
    show(project, next);
    enter(project, named);
    viewNotes.value = notes;
  });
}

/** Saves what is shown under this name; `over` is the revision that it replaces, null for a new view. */
export async function saveView(project: string, name: string, over: string | null, before: Shown = {}): Promise<void> {
  enter(project, await api.saveView(project, name, { shown: shownOf(view.value, before), over }));
  await listViews(project);
}

export async function renameView(project: string, { name, revision }: Current, to: string): Promise<void> {
  enter(project, await api.renameView(project, name, { to, over: revision }));
  await listViews(project);
}

/** Removes the view; the page goes on showing what it shows. */
export async function removeView(project: string, { name, revision }: Current): Promise<void> {
  await api.removeView(project, name, { over: revision });
  leave(project);
  await listViews(project);
}

/** Brings a view back that was removed. */
export async function restoreView(project: string, { name, shown }: Current): Promise<void> {
  enter(project, await api.saveView(project, name, { shown, over: null }));
  await listViews(project);
}

/** Puts what is shown in the place of what the file says now, whoever wrote that. */
export async function overwriteView(project: string, name: string): Promise<void> {
  const now = await api.view(project, name);
  await saveView(project, name, now.revision, now.shown);
}

/** Goes on with the view of the last visit. Where the page shows it still, it shows what the file says by now. */
export async function resumeView(project: string): Promise<void> {
  batch(() => {
    current.value = null;
    views.value = [];
    viewNotes.value = [];
  });
  const sticky = stuck(project);
  if (saved || !sticky) return;
  try {
    const wasThere = viewWord(view.value) === sticky.word;
    const named = await api.view(project, sticky.name);
    const { word } = entryOf(named);
    if (wasThere && viewWord(view.value) === sticky.word && word !== sticky.word) show(project, viewOfShown(named.shown).view);
    enter(project, named);
  } catch {
    // Somebody has removed it: the page shows what it showed, without a name.
    leave(project);
  }
}

/** The page as a view, in this browser too. */
function show(project: string, next: View): void {
  keepView(project, next);
  keepCharts(project, keptChoices(parseChoices(next.charts)).map(formatChoice));
  setView(next);
}

function entryOf({ name, revision, shown }: NamedView): Current {
  return { name, revision, shown, word: viewWord(viewOfShown(shown).view) };
}

function enter(project: string, named: NamedView): void {
  const entry = entryOf(named);
  current.value = entry;
  stick(project, { name: entry.name, word: entry.word });
}

function leave(project: string): void {
  current.value = null;
  viewNotes.value = [];
  stick(project, null);
}

function stuck(project: string): Sticky | null {
  try {
    const read = JSON.parse(localStorage.getItem(PREFIX + project) ?? "null") as Partial<Sticky> | null;
    return typeof read?.name === "string" && typeof read.word === "string" ? { name: read.name, word: read.word } : null;
  } catch {
    return null;
  }
}

function stick(project: string, sticky: Sticky | null): void {
  try {
    if (sticky) localStorage.setItem(PREFIX + project, JSON.stringify(sticky));
    else localStorage.removeItem(PREFIX + project);
  } catch {
    // Without it, the next visit begins without a name.
  }
}
