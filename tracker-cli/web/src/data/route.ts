/** Where the page is: read from the address, and written there. */
import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { atBase, withoutBase } from "./base.ts";
import { firstAddress, saved } from "./saved.ts";
import { defaultView, formatRoute, parseRoute } from "../model/url_state.ts";
import type { Route, View } from "../model/url_state.ts";

export const route = signal<Route>(here());

/** The view of the route; home has the default one. */
export const view = computed<View>(() => ("view" in route.value ? route.value.view : defaultView()));

const slices = new Map<keyof View, ReadonlySignal<unknown>>();

/** One field of the view: who reads it hears of its changes alone, and not of each fold and each letter. */
export function viewField<K extends keyof View>(field: K): View[K] {
  let slice = slices.get(field);
  if (!slice) slices.set(field, (slice = computed(() => view.value[field])));
  return slice.value as View[K];
}

/** In a report the address stands behind a `#`, because the file's own name stands before it. */
function here(): Route {
  if (!saved) return parseRoute(withoutBase(location.pathname), location.search);
  const url = new URL(location.hash.slice(1) || firstAddress(saved), "http://report");
  return parseRoute(url.pathname, url.search);
}

/** What a link to an address of the page holds. */
export function hrefOf(address: string): string {
  return saved ? `#${address}` : atBase(address);
}

/** Keeps the route in step with the browser's back and forward buttons. */
export function startRoute(): void {
  addEventListener("popstate", () => (route.value = here()));
}

export function navigate(next: Route): void {
  history.pushState(null, "", hrefOf(formatRoute(next)));
  route.value = next;
  scrollTo(0, 0);
}

/** Follows a link of the page itself. */
export function open(href: string): void {
  const url = new URL(href, "http://page");
  navigate(parseRoute(url.pathname, url.search));
}

/**
 * Changes the view. What is typed or dragged replaces the entry in the history, so that "back" does not
 * go through each letter; anything else gets its own.
 */
export function setView(change: Partial<View>, how: "push" | "replace" = "push"): void {
  const current = route.value;
  if (!("view" in current)) return;
  const next: Route = { ...current, view: { ...current.view, ...change } };
  const address = hrefOf(formatRoute(next));
  if (how === "push") history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  route.value = next;
}

/** The ids of more runs make an address that no browser passes on. */
export const MOST_COMPARED = 1000;

/** The addresses that links on the page go to. */
export const to = {
  home: (): string => "/",
  project: (project: string): string => formatRoute({ page: "project", project, view: defaultView() }),
  run: (run: string): string => formatRoute({ page: "run", run, view: defaultView() }),
  study: (project: string, study: string): string => formatRoute({ page: "study", project, study, view: defaultView() }),
  why: (baseline: string, run: string): string =>
    formatRoute({ page: "compare", runs: [baseline, run], view: { ...defaultView(), tab: "why" } }),
  compare: (runs: string[]): string => formatRoute({ page: "compare", runs, view: defaultView() }),
};
