/** Moving along a chart by the keyboard. */
import { nearestIndex } from "../model/scale.ts";
import type { Numbers } from "../model/scale.ts";

/** Points that a key with Shift skips. */
const MANY = 10;

/** The place in a curve that a key leads to from a position on the x axis; null of a key that leads nowhere. */
export function placeAfterKey(x: Numbers, from: number | null, key: string, shift: boolean): number | null {
  const last = x.length - 1;
  if (last < 0) return null;
  const here = from === null ? null : nearestIndex(x, from);
  const far = shift ? MANY : 1;
  switch (key) {
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowLeft":
      return here === null ? last : Math.max(0, here - far);
    case "ArrowRight":
      return here === null ? 0 : Math.min(last, here + far);
    default:
      return null;
  }
}
