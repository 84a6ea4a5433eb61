import { extent } from "./scale.ts";
import type { Numbers } from "./scale.ts";

/** Room for half a line at the frame. */
const EDGE = 1;

/** A small curve as the path of an SVG; broken where a value is not finite, and in the middle where all are the same. */
export function sparkline(x: Numbers, y: Numbers, width: number, height: number): string {
  const range = extent(Array.from(y), false);
  if (!range || x.length === 0) return "";
  const [from, to] = [x[0] as number, x[x.length - 1] as number];
  const [min, max] = range;
  const left = (value: number): number => EDGE + (to > from ? (value - from) / (to - from) : 0.5) * (width - 2 * EDGE);
  const top = (value: number): number => EDGE + (max > min ? (max - value) / (max - min) : 0.5) * (height - 2 * EDGE);
  let path = "";
  let isBroken = true;
  for (let at = 0; at < x.length; at += 1) {
    const value = y[at] as number;
    // A point alone is a line of no length, which round ends make a dot.
    if (Number.isFinite(value)) path += `${isBroken ? "M" : "L"}${left(x[at] as number).toFixed(1)} ${top(value).toFixed(1)}`;
    if (Number.isFinite(value) && isBroken) path += "h0";
    isBroken = !Number.isFinite(value);
  }
  return path;
}
