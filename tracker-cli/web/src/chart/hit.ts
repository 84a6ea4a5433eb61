/** Which point of which curve a click means. */
import { lowerBound } from "../model/scale.ts";
import type { Curve } from "./curve.ts";
import { frameOf, placeX, placeY } from "./paint.ts";
import type { Frame } from "./paint.ts";
import { positionAt } from "./nearby.ts";

export interface Hit {
  curve: Curve;
  /** The point's place in the curve. */
  at: number;
  /** The value that was pointed at, within what the point stands for. */
  value: number;
}

/** Points further away along x are not meant, in pixels. */
const REACH = 6;

/** The point nearest to a place of the plane: one that stands for several reaches from the least to the greatest of them. */
export function hitAt(curves: readonly Curve[], frame: Frame, left: number, top: number): Hit | null {
  const toX = placeX(frame);
  let [found, least]: [Hit | null, number] = [null, Infinity];
  for (const curve of curves) {
    const own = frameOf(frame, curve);
    const toY = placeY(own);
    const pointed = valueAt(own, top);
    const end = lowerBound(curve.x, positionAt(frame, left + REACH));
    for (let at = lowerBound(curve.x, positionAt(frame, left - REACH)); at < end; at += 1) {
      const [low, high] = extentOf(curve, at);
      const value = Math.min(Math.max(pointed, low), high);
      const away = Math.hypot(toX(curve.x[at] as number) - left, toY(value) - top);
      if (away < least) [found, least] = [{ curve, at, value }, away];
    }
  }
  return found;
}

/** The band of a group is no range of its points. */
function extentOf({ y, low, high, grouped }: Curve, at: number): [number, number] {
  const value = y[at] as number;
  const [least, greatest] = grouped ? [value, value] : [low?.[at] ?? value, high?.[at] ?? value];
  return Number.isFinite(least) && Number.isFinite(greatest) ? [least, greatest] : [value, value];
}

/** The value under a pixel of the plane. */
function valueAt({ yRange: [min, max], yLog, height }: Frame, top: number): number {
  const share = 1 - top / height;
  return yLog ? min * (max / min) ** share : min + (max - min) * share;
}
