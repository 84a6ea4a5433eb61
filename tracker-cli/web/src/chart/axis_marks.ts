/** Axes of the small SVG charts. */
import { extent, padded, share } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";

/** The range of values with room around it; from 0 to 1 (or 1 to 10) where there are none. */
export function axisRange(values: Iterable<number>, log: boolean): Range {
  const range = extent(values, log);
  return range ? padded(range, log) : log ? [1, 10] : [0, 1];
}

/** What stands at an axis, with the unit that the numbers of its ticks are in. */
export function labelOf({ label, unit }: { label: string; unit?: string | undefined }): string {
  return unit ? `${label} (${unit})` : label;
}

/** From a value to a length along an axis; NaN where the axis has no place for it. */
export function along(value: number, range: Range, log: boolean, length: number): number {
  return share(value, range, log) * length;
}
