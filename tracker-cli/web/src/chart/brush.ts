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
    return axisRange(
      lines.map(({ values }) => values[index] ?? NaN),
      log,
    );
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
  const inside = ({ values }: ParallelLine): boolean =>
    axes.every((axis, index) => {
      const brush = brushes[index];
      if (!brush) return true;
      const height = heightOn(axis, ranges[index] as Range, values[index]);
      return brush[0] <= height && height <= brush[1];
    });
  return lines.filter(inside).map(({ id }) => id);
}

const MOVE = 0.1;
const LEAST = 0.1;

/**
 * The brush after a key: arrows move it, with Shift they raise its lower or lower its upper edge, Escape
 * takes it away. The first arrow marks the half of the axis it points to. Undefined: the key says nothing.
 */
export function brushByKey(brush: Brush, key: string, shift: boolean): Brush | undefined {
  if (key === "Escape") return brush ? null : undefined;
  if (key !== "ArrowUp" && key !== "ArrowDown") return undefined;
  const up = key === "ArrowUp";
  if (!brush) return up ? [0.5, 1] : [0, 0.5];
  const [low, high] = brush;
  if (shift)
    return up
      ? [round(Math.max(low, Math.min(low + MOVE, high - LEAST))), high]
      : [low, round(Math.min(high, Math.max(high - MOVE, low + LEAST)))];
  const by = up ? Math.min(MOVE, 1 - high) : -Math.min(MOVE, low);
  return [round(low + by), round(high + by)];
}

/** Without the last digits that adding up leaves behind. */
function round(height: number): number {
  return Math.round(height * 1000) / 1000;
}
