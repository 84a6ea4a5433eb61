/** Where a step of a report lies on other axes, by the few points that the report holds. */
import type { Clock } from "../data/types.ts";
import { lowerBound } from "./scale.ts";
import type { Numbers } from "./scale.ts";

/** Between two known steps time passes evenly; before the first and after the last one it stands. NaN of an empty clock. */
export function secondsAt({ steps, seconds }: Clock, step: number): number {
  const after = lowerBound(steps, step);
  const [late, early] = [Math.min(after, steps.length - 1), Math.max(0, after - 1)];
  const [from, to] = [steps[early] ?? NaN, steps[late] ?? NaN];
  const [begin, end] = [seconds[early] ?? NaN, seconds[late] ?? NaN];
  return to > from && step < to ? begin + ((end - begin) * (step - from)) / (to - from) : step >= to ? end : begin;
}

/** The value at the step, or the last before it; NaN where there is none. */
export function lastAt(steps: Numbers, values: Numbers, step: number): number {
  return values[lowerBound(steps, step + 1) - 1] ?? NaN;
}
