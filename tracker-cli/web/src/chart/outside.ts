/** How much of what was logged lies above and below what a chart shows: told, never left out in silence. */
import { formatCount } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import type { Curve } from "./curve.ts";
import { visiblePart } from "./extent.ts";

export interface Outside {
  above: number;
  below: number;
  /** Some points stand for several logged ones, of which at least one lies outside. */
  atLeast: boolean;
}

export const NOTHING_OUTSIDE: Outside = { above: 0, below: 0, atLeast: false };

/** The finite points in sight along x whose values are not in sight. A bucket counts by its extremes, a mean of seeds by itself. */
export function outside(curves: readonly Curve[], xRange: Range, rangeOf: (curve: Curve) => Range): Outside {
  const found = { ...NOTHING_OUTSIDE };
  for (const curve of curves) {
    const [least, greatest] = rangeOf(curve);
    const { x, y, raw, low, high, grouped } = curve;
    const values = raw ?? y;
    const buckets = !grouped && low !== undefined && high !== undefined;
    const [from, to] = visiblePart(x, xRange);
    for (let at = from; at < to; at += 1) {
      if (!((x[at] as number) >= xRange[0] && (x[at] as number) <= xRange[1])) continue;
      const top = (buckets ? high[at] : values[at]) as number;
      const bottom = (buckets ? low[at] : values[at]) as number;
      const isAbove = top > greatest && top < Infinity;
      const isBelow = bottom < least && bottom > -Infinity;
      if (isAbove) found.above += 1;
      if (isBelow) found.below += 1;
      if (buckets && (isAbove || isBelow)) found.atLeast = true;
    }
  }
  return found;
}

/** `3 points above, 1 below`; empty where all is in sight. */
export function tellOutside({ above, below, atLeast }: Outside): string {
  const some = (count: number, where: string): string[] =>
    count === 0 ? [] : [`${formatCount(count)}${atLeast ? " or more" : ""} ${where}`];
  const [first, ...rest] = [...some(above, "above"), ...some(below, "below")];
  if (first === undefined) return "";
  return [first.replace(/ (above|below)$/, above + below === 1 && !atLeast ? " point $1" : " points $1"), ...rest].join(", ");
}
