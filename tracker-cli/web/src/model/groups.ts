/**
 * Runs of one group, often seeds of one experiment, as a single line with a band.
 *
 * Runs log at different positions. Each is read at the positions of all, in proportion between its own
 * neighbours, and only where it has values: it never speaks for what it has not reached.
 */
import { REACH_OF_95 } from "../data/student.ts";
import type { Numbers } from "./scale.ts";

export interface Line {
  /** Ascending. */
  x: Numbers;
  y: Numbers;
}

export type Center = "mean" | "median";
export type Band = "none" | "minmax" | "std" | "stderr" | "t95";

export interface GroupLine {
  x: Float64Array;
  center: Float64Array;
  low: Float64Array;
  high: Float64Array;
  /** How many runs speak at each position. */
  runs: Uint32Array;
}

/** More positions than a screen has columns are of no use. */
const MOST_POSITIONS = 1500;

/**
 * The group's line: mean or median, and around it the extremes, one standard deviation or one standard error; or the
 * 95 % interval of the mean, which a single run has not.
 */
export function groupLine(lines: readonly Line[], center: Center, band: Band): GroupLine {
  const members = lines.map(finitePart);
  const x = positions(members);
  const group = emptyGroup(x);
  const readers = members.map(reader);
  const values = new Float64Array(members.length);
  for (let at = 0; at < x.length; at += 1) {
    let count = 0;
    for (const read of readers) {
      const value = read(x[at] as number);
      if (!Number.isNaN(value)) values[count++] = value;
    }
    summarize(group, at, values.subarray(0, count).sort(), center, band);
  }
  return group;
}

function emptyGroup(x: Float64Array): GroupLine {
  const column = () => new Float64Array(x.length);
  return { x, center: column(), low: column(), high: column(), runs: new Uint32Array(x.length) };
}

/** A run that diverged still speaks for the steps before. */
function finitePart({ x, y }: Line): Line {
  const kept: { x: number[]; y: number[] } = { x: [], y: [] };
  for (let at = 0; at < x.length; at += 1) {
    if (!Number.isFinite(y[at])) continue;
    kept.x.push(x[at] as number);
    kept.y.push(y[at] as number);
  }
  return kept;
}

/** Every position of any member, once; evenly thinned where there are too many, the last one kept. */
function positions(members: readonly Line[]): Float64Array {
  const all = new Float64Array(members.reduce((sum, { x }) => sum + x.length, 0));
  let at = 0;
  for (const { x } of members) {
    all.set(x, at);
    at += x.length;
  }
  const unique = all.sort().filter((value, index) => index === 0 || value !== all[index - 1]);
  if (unique.length <= MOST_POSITIONS) return unique;
  const stride = (unique.length - 1) / (MOST_POSITIONS - 1);
  return Float64Array.from({ length: MOST_POSITIONS }, (_, index) => unique[Math.round(index * stride)] as number);
}

/** Reads a line at ascending positions; NaN outside of it. */
function reader({ x, y }: Line): (position: number) => number {
  let after = 0;
  return (position) => {
    while (after < x.length && (x[after] as number) < position) after += 1;
    if (after === x.length) return NaN;
    if (x[after] === position) return y[after] as number;
    return after === 0 ? NaN : between(x, y, after, position);
  };
}

function between(x: Numbers, y: Numbers, after: number, position: number): number {
  const [x0, x1] = [x[after - 1] as number, x[after] as number];
  const [y0, y1] = [y[after - 1] as number, y[after] as number];
  return y0 + ((y1 - y0) * (position - x0)) / (x1 - x0);
}

function summarize(group: GroupLine, at: number, sorted: Float64Array, center: Center, band: Band): void {
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const middle = center === "mean" ? mean : median(sorted);
  const [low, high] = edges(sorted, middle, mean, band);
  group.center[at] = middle;
  group.low[at] = low;
  group.high[at] = high;
  group.runs[at] = sorted.length;
}

function edges(sorted: Float64Array, middle: number, mean: number, band: Band): [number, number] {
  if (band === "none") return [middle, middle];
  if (band === "minmax") return [sorted[0] as number, sorted[sorted.length - 1] as number];
  const deviation = standardDeviation(sorted, mean);
  if (band === "t95") {
    const reach = (reachOf95(sorted.length - 1) * deviation) / Math.sqrt(sorted.length);
    return [mean - reach, mean + reach];
  }
  const reach = band === "std" ? deviation : deviation / Math.sqrt(sorted.length);
  return [middle - reach, middle + reach];
}

/** The value that a standard normal exceeds in 25 of 1,000 cases. */
const Z = 1.959963984540054;

/**
 * How many standard errors the 95 % interval of a mean reaches to both sides; NaN without degrees of freedom. Beyond
 * the table by the expansion of Cornish and Fisher: M. Abramowitz, I. Stegun, 26.7.5.
 */
export function reachOf95(degrees: number): number {
  if (degrees < 1) return NaN;
  const known = REACH_OF_95[degrees - 1];
  if (known !== undefined) return known;
  const first = (Z ** 3 + Z) / 4;
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  return Z + first / degrees + second / degrees ** 2;
}

function median(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** Of a sample: over n - 1; 0 of a single run. */
function standardDeviation(values: Float64Array, mean: number): number {
  if (values.length < 2) return 0;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
