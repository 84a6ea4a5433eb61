/**
 * All that a page shows stands in its address, so that a link shows the same to somebody else. What is
 * at its default is left out, which keeps addresses short.
 */

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
  band: "none" | "minmax" | "std" | "stderr";
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
}

export type Route =
  | { page: "home" }
  | { page: "project"; project: string; view: View }
  | { page: "run"; run: string; view: View }
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
    band: "std",
    draw: "newest",
    show: [],
    hide: [],
    folded: [],
    columns: [],
    same: false,
    across: "",
    up: "",
    charts: [],
  };
}

/** The short word of each field in the address. */
const KEYS: Record<keyof View, string> = {
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
};

/** Fields whose words come from a list; any other word is taken as the default. */
const WORDS: Partial<Record<keyof View, readonly string[]>> = {
  draw: ["newest", "first", "all", "none"],
  center: ["mean", "median"],
  band: ["none", "minmax", "std", "stderr"],
};

/** Reads an address. What it does not know is ignored, so that old links keep working. */
export function parseRoute(path: string, search: string): Route {
  const params = new URLSearchParams(search);
  const [kind = "", name = "", ...rest] = path.split("/").slice(1);
  if (kind === "" && name === "") return { page: "home" };
  if (kind === "c" && name === "") return { page: "compare", runs: unique(params.getAll("run")), view: parseView(params) };
  if (kind === "document" && name === "") return { page: "document", view: parseView(params) };
  const decoded = decode(name);
  if (decoded === null || decoded === "" || rest.some((part) => part !== "")) return { page: "unknown", path };
  if (kind === "p") return { page: "project", project: decoded, view: parseView(params) };
  if (kind === "r") return { page: "run", run: decoded, view: parseView(params) };
  return { page: "unknown", path };
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
    case "document":
      return `/document${search(formatView(route.view))}`;
    case "compare":
      return `/c${search([...route.runs.map((run): Pair => ["run", run]), ...formatView(route.view)])}`;
  }
}

type Pair = [key: string, value: string];

function search(pairs: Pair[]): string {
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}

function formatView(view: View): Pair[] {
  const usual = defaultView();
  const pairs: Pair[] = [];
  for (const field of fields()) {
    const value = view[field];
    if (Array.isArray(value)) for (const item of value) pairs.push([KEYS[field], item]);
    else if (value !== usual[field]) pairs.push([KEYS[field], typeof value === "boolean" ? (value ? "1" : "0") : String(value)]);
  }
  return pairs;
}

function parseView(params: URLSearchParams): View {
  const usual = defaultView();
  const read: [string, unknown][] = fields().map((field) => [field, parseField(field, usual[field], params)]);
  return Object.fromEntries(read) as unknown as View;
}

function parseField(field: keyof View, usual: View[keyof View], params: URLSearchParams): View[keyof View] {
  if (Array.isArray(usual)) return unique(params.getAll(KEYS[field]));
  const text = params.get(KEYS[field]);
  if (text === null) return usual;
  if (typeof usual === "boolean") return text === "1";
  if (typeof usual === "number") return smoothing(text);
  const words = WORDS[field];
  return !words || words.includes(text) ? text : usual;
}

/** The only number of a view is the smoothing, from 0 to 0.99. */
function smoothing(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), 0.99) : 0;
}

function fields(): (keyof View)[] {
  return Object.keys(KEYS) as (keyof View)[];
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
