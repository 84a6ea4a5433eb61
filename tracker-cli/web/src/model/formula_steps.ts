/**
 * Which values of several metrics a formula takes together. Its points stand at the steps of the metric that
 * has the fewest. Another metric counts there with its value at that step or, where it was not logged then, with
 * the last before, which may be as old as the widest gap between two of its own points. A step where any
 * metric has no such value has no point.
 *
 * So `train/loss - valid/loss` has a point for each validation, though training was logged at other steps.
 */
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

/** Plain loops: there is a turn for each point of each run while a chart comes up. */
export function together(metrics: ReadonlyMap<string, Points>): Together | null {
  const [base, points] = fewest(metrics) ?? [];
  if (base === undefined || points === undefined) return null;
  const names = [...metrics.keys()];
  const all = [...metrics.values()];
  const places = all.map(({ steps }) => placesIn(steps, points.steps));
  const at: number[] = [];
  for (let index = 0; index < points.steps.length; index += 1) {
    let isWhole = true;
    for (const place of places) if ((place[index] as number) < 0) isWhole = false;
    if (isWhole) at.push(index);
  }
  const columns = names.map((name, which): [string, Float64Array] => {
    const [values, place] = [(all[which] as Points).values, places[which] as Int32Array];
    const column = new Float64Array(at.length);
    for (let index = 0; index < at.length; index += 1) column[index] = values[place[at[index] as number] as number] as number;
    return [name, column];
  });
  return { base, at, columns: new Map(columns) };
}

function fewest(metrics: ReadonlyMap<string, Points>): [string, Points] | undefined {
  let least: [string, Points] | undefined;
  for (const entry of metrics) if (!least || entry[1].steps.length < least[1].steps.length) least = entry;
  return least;
}

/** For each wanted step the index of the point that counts there; -1 for none. Both ascend. */
function placesIn(steps: Numbers, wanted: Numbers): Int32Array {
  const oldest = widestGap(steps);
  const places = new Int32Array(wanted.length);
  let last = -1;
  for (let index = 0; index < wanted.length; index += 1) {
    const step = wanted[index] as number;
    while (last + 1 < steps.length && (steps[last + 1] as number) <= step) last += 1;
    places[index] = last >= 0 && step - (steps[last] as number) <= oldest ? last : -1;
  }
  return places;
}

function widestGap(steps: Numbers): number {
  let widest = 0;
  for (let at = 1; at < steps.length; at += 1) widest = Math.max(widest, (steps[at] as number) - (steps[at - 1] as number));
  return widest;
}
