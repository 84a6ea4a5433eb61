/** Which runs lie inside the brushes of parallel coordinates. Heights go from 0 at the bottom to 1 at the top. */
import { share } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import { axisRange } from "./axis_marks.ts";
import type { ParallelAxis, ParallelLine } from "./types.ts";

export type Brush = Range | null;

/** The range of each axis; a categorical one leaves half a step at both ends. */
export function axisRanges(axes: readonly ParallelAxis[], lines: readonly ParallelLine[]): Range[] {
  return axes.map(({ log, categories }, index) => {
    if (categories) return [-0.5, categories.length - 0.5];
    return axisRange(lines.map(({ values }) => values[index] ?? NaN), log);
  });
}

/** How high a value stands on its axis; NaN where it is missing or has no place. */
export function heightOn(axis: ParallelAxis, range: Range, value: number | null | undefined): number {
  const height = share(value ?? NaN, range, axis.log && !axis.categories);
  return axis.flip ? 1 - height : height;
}

/** The runs inside every brush; null when there is none. A run without a value is outside. */
export function insideBrushes(axes: readonly ParallelAxis[], lines: readonly ParallelLine[], brushes: readonly Brush[]): string[] | null {
  if (brushes.every((brush) => !brush)) return null;
  const ranges = axisRanges(axes, lines);
  const inside = ({ values }: ParallelLine): boolean => axes.every((axis, index) => {
    const brush = brushes[index];
    if (!brush) return true;
    const height = heightOn(axis, ranges[index] as Range, values[index]);
    return brush[0] <= height && height <= brush[1];
  });
  return lines.filter(inside).map(({ id }) => id);
}
