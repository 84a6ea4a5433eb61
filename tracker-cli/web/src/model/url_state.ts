/**
 * All that a page shows stands in its address, so that a link shows the same to somebody else. What is
 * at its default is left out, which keeps addresses short.
 */

import { isStep } from "./step.ts";

/** How runs and charts are shown; the same for each page that has charts. */
export interface View {
  /** What stands in the search box of runs. */
  query: string;
  /** `started`, `name`, `state`, `config:PATH` or `summary:METRIC`. */
  sort: string;
  descending: boolean;
  /** What runs are grouped by: empty, `group`, `tag` or `config:PATH`. */
  groupBy: string;
  /** What is open of a page; empty for what the page opens with. */
  tab: string;
  /** The regular expression that a chart's metric must match. */
  metrics: string;
  x: string;
  smooth: number;
  xLog: boolean;
  yLog: boolean;
  clip: boolean;
  grouped: boolean;
  center: "mean" | "median";
  band: "none" | "minmax" | "std" | "stderr" | "t95";
  /** Which runs are drawn before an eye is touched: the newest, the first of the list as it is sorted, all of it, or none. */
  draw: "newest" | "first" | "all" | "none";
  /** Runs whose eye was opened or closed by hand. */
  show: string[];
  hide: string[];
  /** Sections that are folded. */
  folded: string[];
  /** The table's columns; empty for the default ones. */
  columns: string[];
  /** In a comparison: what is the same is listed too. */
  same: boolean;
  /** The axes of the scatter plot, in a column's words. */
  across: string;
  up: string;
  /** What is chosen for single charts, each as a word of `chart_choice.ts`. */
  charts: string[];
  /** Groups that are compared, the first with the others; of one alone, with all others. */
  picks: string[];
  /** The metric by which they are; empty for the one that tells most. */
  judge: string;
  /** Which value of a run counts in its group: `best`, `last` or a step. */
  at: string;
  /** The setting that pairs the runs of two groups; empty for their seeds. */
  pair: string;
  /** Of settings against results: the column that gives the colours, the parallel axes, and how axes differ from the usual ones. */
  hue: string;
  axes: string[];
  scales: string[];
  /** The charts on top, those that are hidden, and those that were moved, by the keys of their choices (`layout.ts`). */
  pins: string[];
  hidden: string[];
  order: string[];
  /** The step that the page is at, as digits; empty where nobody has chosen one. */
  step: string;
  /** Whether it is told what was there. */
  told: boolean;
  /** The run by which the others are measured; empty for none. */
  baseline: string;
  /** Which messages have marks in charts. */
  marks: "warnings" | "all" | "none";
}

export type Route =
  | { page: "home" }
  | { page: "project"; project: string; view: View }
  | { page: "run"; run: string; view: View }
  | { page: "study"; project: string; study: string; view: View }
  | { page: "compare"; runs: string[]; view: View }
  | { page: "document"; view: View }
  | { page: "unknown"; path: string };

/** A fresh view, as a page without anything in its address shows it. */
export function defaultView(): View {
  return {
    query: "",
    sort: "started",
    descending: true,
    groupBy: "",
    tab: "",
    metrics: "",
    x: "step",
    smooth: 0,
    xLog: false,
    yLog: false,
    clip: false,
    grouped: false,
    center: "mean",
    band: "t95",
    draw: "newest",
    show: [],
    hide: [],
    folded: [],
    columns: [],
    same: false,
    across: "",
    up: "",
    charts: [],
    picks: [],
    judge: "",
    at: "best",
    pair: "",
    hue: "",
    axes: [],
    scales: [],
    pins: [],
    hidden: [],
    order: [],
    step: "",
    told: false,
    baseline: "",
    marks: "warnings",
  };
}

/** The short word of each field in the address. */
export const ADDRESS_WORDS: Record<keyof View, string> = {
  query: "q",
  sort: "sort",
  descending: "desc",
  groupBy: "by",
  tab: "tab",
  metrics: "m",
  x: "x",
  smooth: "smooth",
  xLog: "xlog",
  yLog: "ylog",
  clip: "clip",
  grouped: "grouped",
  center: "center",
  band: "band",
  draw: "draw",
  show: "show",
  hide: "hide",
  folded: "folded",
  columns: "col",
  same: "same",
  across: "across",
  up: "up",
  charts: "chart",
  picks: "pick",
  judge: "judge",
  at: "at",
  pair: "pair",
  hue: "hue",
  axes: "axis",
  scales: "scale",
  pins: "pin",
  hidden: "off",
  order: "order",
  step: "step",
  told: "told",
  baseline: "base",
  marks: "marks",
};

/** Fields whose words come from a list; any other word is taken as the default. */
const WORDS: Partial<Record<keyof View, readonly string[]>> = {
  marks: ["warnings", "all", "none"],
  draw: ["newest", "first", "all", "none"],
  center: ["mean", "median"],
  band: ["none", "minmax", "std", "stderr", "t95"],
};

/** Reads an address. What it does not know is ignored, so that old links keep working. */
export function parseRoute(path: string, search: string): Route {
  const params = new URLSearchParams(search);
  const [kind = "", name = "", ...rest] = path.split("/").slice(1);
  if (kind === "" && name === "") return { page: "home" };
  if (kind === "c" && name === "") return { page: "compare", runs: unique(params.getAll("run")), view: parseView(params) };
  if (kind === "document" && name === "") return { page: "document", view: parseView(params) };
  if (kind === "p" && rest[0] === "s") return parseStudy(path, name, rest.slice(1), params);
  const decoded = decode(name);
  if (decoded === null || decoded === "" || rest.some((part) => part !== "")) return { page: "unknown", path };
  if (kind === "p") return { page: "project", project: decoded, view: parseView(params) };
  if (kind === "r") return { page: "run", run: decoded, view: parseView(params) };
  return { page: "unknown", path };
}

/** A study is at `/p/PROJECT/s/NAME`. */
function parseStudy(path: string, project: string, [name = "", ...rest]: string[], params: URLSearchParams): Route {
  const [ofProject, study] = [decode(project), decode(name)];
  if (!ofProject || !study || rest.some((part) => part !== "")) return { page: "unknown", path };
  return { page: "study", project: ofProject, study, view: parseView(params) };
}

/** The address of a route; `parseRoute` of it gives the route back. */
export function formatRoute(route: Route): string {
  switch (route.page) {
    case "home":
      return "/";
    case "unknown":
      return route.path;
    case "project":
      return `/p/${encodeURIComponent(route.project)}${search(formatView(route.view))}`;
    case "run":
      return `/r/${encodeURIComponent(route.run)}${search(formatView(route.view))}`;
    case "study":
      return `/p/${encodeURIComponent(route.project)}/s/${encodeURIComponent(route.study)}${search(formatView(route.view))}`;
    case "document":
      return `/document${search(formatView(route.view))}`;
    case "compare":
      return `/c${search(new URLSearchParams([...route.runs.map((run): Pair => ["run", run]), ...formatView(route.view)]))}`;
  }
}

type Pair = [key: string, value: string];

function search(words: URLSearchParams): string {
  return words.size === 0 ? "" : `?${words.toString()}`;
}

/** The view as words of an address. */
export function formatView(view: View): URLSearchParams {
  const usual = defaultView();
  const pairs: Pair[] = [];
  for (const field of fields()) {
    const value = view[field];
    if (Array.isArray(value)) for (const item of value) pairs.push([ADDRESS_WORDS[field], item]);
    else if (value !== usual[field]) pairs.push([ADDRESS_WORDS[field], typeof value === "boolean" ? (value ? "1" : "0") : String(value)]);
  }
  return new URLSearchParams(pairs);
}

/** The view of these words. */
export function parseView(params: URLSearchParams): View {
  const usual = defaultView();
  const read: [string, unknown][] = fields().map((field) => [field, parseField(field, usual[field], params)]);
  return Object.fromEntries(read) as unknown as View;
}

function parseField(field: keyof View, usual: View[keyof View], params: URLSearchParams): View[keyof View] {
  if (Array.isArray(usual)) return unique(params.getAll(ADDRESS_WORDS[field]));
  const text = params.get(ADDRESS_WORDS[field]);
  if (text === null) return usual;
  if (typeof usual === "boolean") return text === "1";
  if (typeof usual === "number") return smoothing(text);
  if (field === "step") return isStep(text) ? text : usual;
  const words = WORDS[field];
  return !words || words.includes(text) ? text : usual;
}

/** The only number of a view is the smoothing, from 0 to 0.99. */
function smoothing(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), 0.99) : 0;
}

function fields(): (keyof View)[] {
  return Object.keys(ADDRESS_WORDS) as (keyof View)[];
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)];
}

/** A malformed escape is no name. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
