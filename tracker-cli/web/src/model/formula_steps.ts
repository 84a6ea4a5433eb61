/**
 * Which values of several metrics a formula takes together. Its points stand at the steps of the metric that
 * has the fewest. Another metric counts there with its value at that step or, where it was not logged then, with
 * the last before, which may be as old as the widest gap between two of its own points. A step where any
 * metric has no such value has no point.
 *
 * So `train/loss - valid/loss` has a point for each validation, though training was logged at other steps.
 */
import { lowerBound } from "./scale.ts";
import type { Numbers } from "./scale.ts";

/** One metric of one run. */
export interface Points {
  /** Ascending. */
  steps: Numbers;
  values: Numbers;
}

export interface Together {
  /** The metric with the fewest points. */
  base: string;
  /** Which of its points have a value of every metric. */
  at: number[];
  /** The values of each metric at these. */
  columns: Map<string, Float64Array>;
}

export function together(metrics: ReadonlyMap<string, Points>): Together | null {
  const [base, points] = fewest(metrics) ?? [];
  if (base === undefined || points === undefined) return null;
  const places = [...metrics].map(([name, each]) => [name, each.values, placesIn(each.steps, points.steps)] as const);
  const at = Array.from(points.steps, (_, index) => index).filter((index) => places.every(([, , place]) => (place[index] as number) >= 0));
  const columns = new Map(
    places.map(([name, values, place]) => [name, Float64Array.from(at, (index) => values[place[index] as number] as number)]),
  );
  return { base, at, columns };
}

function fewest(metrics: ReadonlyMap<string, Points>): [string, Points] | undefined {
  let least: [string, Points] | undefined;
  for (const entry of metrics) if (!least || entry[1].steps.length < least[1].steps.length) least = entry;
  return least;
}

/** For each wanted step the index of the point that counts there; -1 for none. */
function placesIn(steps: Numbers, wanted: Numbers): Int32Array {
  const oldest = widestGap(steps);
  return Int32Array.from(wanted, (step) => {
    const at = lowerBound(steps, step);
    if (steps[at] === step) return at;
    return at > 0 && step - (steps[at - 1] as number) <= oldest ? at - 1 : -1;
  });
}

function widestGap(steps: Numbers): number {
  let widest = 0;
  for (let at = 1; at < steps.length; at += 1) widest = Math.max(widest, (steps[at] as number) - (steps[at - 1] as number));
  return widest;
}
