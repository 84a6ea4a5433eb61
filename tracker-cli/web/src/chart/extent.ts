/** What part of the plane a chart shows. */
import { extent, lowerBound, padded, withoutOutliers } from "../model/scale.ts";
import type { Numbers, Range } from "../model/scale.ts";
import type { Curve } from "./curve.ts";

/** All positions of all curves; null where none can be shown. */
export function xExtent(curves: readonly Curve[], log: boolean): Range | null {
  let [min, max] = [Infinity, -Infinity];
  for (const { x } of curves) {
    const first = log ? lowerBound(x, Number.MIN_VALUE) : 0;
    if (first >= x.length) continue;
    min = Math.min(min, x[first] as number);
    max = Math.max(max, x[x.length - 1] as number);
  }
  if (min > max) return null;
  return min === max ? padded([min, max], log) : [min, max];
}

/** The indices of the points in a range of x, and one more on each side, so that lines reach the frame. */
export function visiblePart(x: Numbers, [from, to]: Range): [number, number] {
  return [Math.max(0, lowerBound(x, from) - 1), Math.min(x.length, lowerBound(x, to) + 1)];
}

/** Whether a range would clip, and whether it is logarithmic. */
export interface YScale {
  log: boolean;
  clip: boolean;
}

/** The values in sight, with room around them; null where none can be shown. */
export function yExtent(curves: readonly Curve[], xRange: Range, { log, clip }: YScale): Range | null {
  const range = clip ? clippedExtent(curves, xRange, log) : wholeExtent(curves, xRange, log);
  return range && padded(range, log, clip ? 0.1 : 0.05);
}

/** The range with the ends that were typed in; a log axis has no place for one at or below 0. */
export function withBounds([from, to]: Range, low: number | undefined, high: number | undefined, log: boolean): Range {
  const fits = (bound: number | undefined): bound is number => bound !== undefined && (!log || bound > 0);
  const [least, most] = [fits(low) ? low : from, fits(high) ? high : to];
  if (least < most) return [least, most];
  // All values lie beyond the only end that was typed.
  const room = padded([least, least], log, 1);
  return fits(low) ? [least, room[1]] : [padded([most, most], log, 1)[0], most];
}

function wholeExtent(curves: readonly Curve[], xRange: Range, log: boolean): Range | null {
  let [min, max] = [Infinity, -Infinity];
  const above = log ? 0 : -Infinity;
  for (const { x, y, raw, low, high } of curves) {
    const [from, to] = visiblePart(x, xRange);
    for (const column of [y, raw, low, high]) {
      if (!column) continue;
      for (let at = from; at < to; at += 1) {
        const value = column[at] as number;
        if (value > above && value < min) min = value;
        if (value > max && value < Infinity) max = value;
      }
    }
  }
  return min <= max ? [min, max] : null;
}

function clippedExtent(curves: readonly Curve[], xRange: Range, log: boolean): Range | null {
  const values: number[] = [];
  for (const { x, y } of curves) {
    const [from, to] = visiblePart(x, xRange);
    for (let at = from; at < to; at += 1) {
      const value = y[at] as number;
      if (!log || value > 0) values.push(value);
    }
  }
  const range = withoutOutliers(values);
  return range && extent(range, log);
}

/** How many points a log axis has no place for. */
export function notOnLogAxis(curves: readonly Curve[], xLog: boolean, yLog: boolean): number {
  if (!xLog && !yLog) return 0;
  let count = 0;
  for (const { x, y } of curves) {
    for (let at = 0; at < x.length; at += 1) {
      if ((xLog && (x[at] as number) <= 0) || (yLog && (y[at] as number) <= 0)) count += 1;
    }
  }
  return count;
}
