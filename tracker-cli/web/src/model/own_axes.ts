/** What somebody has chosen for the axes of one chart, over what holds for all. What is left out is as the others have it. */

export interface OwnAxes {
  yLog?: boolean;
  /** Whether y spans the 5th to 95th percentile. */
  clip?: boolean;
  /** Weight of the moving average, from 0 to 0.99. */
  smooth?: number;
  /** The least value that y shows, and the greatest. */
  low?: number;
  high?: number;
}

/** What of it holds for all charts; a range of y holds for one alone. */
export interface SharedAxes {
  yLog: boolean;
  clipOutliers: boolean;
  smooth: number;
}

type Field = keyof OwnAxes;

const FIELDS: readonly Field[] = ["yLog", "clip", "smooth", "low", "high"];

export function isUsual(own: OwnAxes): boolean {
  return FIELDS.every((field) => own[field] === undefined);
}

/** The axes as the chart has them. */
export function withOwnAxes<T extends SharedAxes>(shared: T, own: OwnAxes): T & Pick<OwnAxes, "low" | "high"> {
  const { yLog = shared.yLog, clip = shared.clipOutliers, smooth = shared.smooth, low, high } = own;
  return { ...shared, yLog, clipOutliers: clip, smooth, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
}

/** Without what all charts have anyway. */
export function differing(own: OwnAxes, shared: SharedAxes): OwnAxes {
  const usual: OwnAxes = { yLog: shared.yLog, clip: shared.clipOutliers, smooth: shared.smooth };
  return Object.fromEntries(
    FIELDS.filter((field) => own[field] !== undefined && own[field] !== usual[field]).map((field) => [field, own[field]]),
  );
}

/** In words, for who hovers over the mark: `log y, smoothed by 0.60, y from 0`. */
export function tellAxes({ yLog, clip, smooth, low, high }: OwnAxes, unit?: string): string {
  const ends = [low === undefined ? "" : `from ${shownBound(low, unit)}`, high === undefined ? "" : `to ${shownBound(high, unit)}`];
  const range = ends.filter(Boolean).join(" ");
  return [
    yLog === undefined ? "" : yLog ? "log y" : "linear y",
    clip === undefined ? "" : clip ? "without outliers" : "with outliers",
    smooth === undefined ? "" : smooth === 0 ? "not smoothed" : `smoothed by ${smooth.toFixed(2)}`,
    range === "" ? "" : `y ${range}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** A typed bound of y: undefined where nothing is typed, null where it is no number. An axis in per cent is typed so. */
export function parseBound(typed: string, unit?: string): number | undefined | null {
  if (typed.trim() === "") return undefined;
  const value = Number(typed);
  return Number.isFinite(value) ? (unit === "%" ? value / 100 : value) : null;
}

/** The bound as it is typed. */
export function shownBound(value: number | undefined, unit?: string): string {
  if (value === undefined) return "";
  return String(unit === "%" ? Number((value * 100).toPrecision(12)) : value);
}

/** As words of a choice. */
export function formatAxes(own: OwnAxes): [key: string, value: string][] {
  return FIELDS.flatMap((field): [string, string][] => {
    const value = own[field];
    return value === undefined ? [] : [[field.toLowerCase(), typeof value === "boolean" ? (value ? "1" : "0") : String(value)]];
  });
}

/** What is no such word, or no number, is left out. */
export function parseAxes(words: URLSearchParams): OwnAxes {
  const own: OwnAxes = {};
  for (const field of ["yLog", "clip"] as const) {
    const word = words.get(field.toLowerCase());
    if (word === "1" || word === "0") own[field] = word === "1";
  }
  for (const field of ["smooth", "low", "high"] as const) {
    const value = parseBound(words.get(field) ?? "");
    if (typeof value === "number") own[field] = field === "smooth" ? Math.min(Math.max(value, 0), 0.99) : value;
  }
  return own;
}
