/** The curve of a formula, made of those of its metrics as far as they are loaded. */
import type { NotFinite, Series } from "../data/curves.ts";
import { metricsOf } from "../model/formula.ts";
import type { Expression } from "../model/formula.ts";
import { together } from "../model/formula_steps.ts";
import type { Points } from "../model/formula_steps.ts";
import { valueOf } from "../model/formula_value.ts";
import type { Firsts } from "../model/formula_value.ts";
import type { Numbers } from "../model/scale.ts";
import { smoothed } from "../model/smooth.ts";

/** Where the curves of one run's metrics come from. */
export interface FormulaSource {
  /** By step, as much as is in sight. */
  seen(metric: string): Series | undefined;
  /** By step, from beginning to end. */
  whole(metric: string): Series | undefined;
  /** The same points as `seen`, on the axis of the chart. */
  placed(metric: string): Series | undefined;
}

/** Undefined until all its metrics are there, and of a run that has not logged them all. */
export function formulaSeries(formula: Expression, source: FormulaSource, run: string, smooth: number): Series | undefined {
  const metrics = metricsOf(formula);
  const seen = pointsOf(metrics, source.seen);
  const found = seen && together(seen);
  if (!found) return undefined;
  const firsts = metrics.every((metric) => source.seen(metric) === source.whole(metric)) ? new Map() : firstsOf(formula, metrics, source);
  const values = valueOf(formula, found.columns, firsts);
  const positions = source.placed(found.base)?.x;
  const steps = seen.get(found.base)?.steps;
  if (!positions || !steps || positions.length !== steps.length) return undefined;
  const [x, stepsOf] = [picked(positions, found.at), picked(steps, found.at)];
  return {
    metric: "",
    run,
    x,
    last: values,
    ...(smooth > 0 ? { smooth: smoothed(values, smooth) } : {}),
    exact: true,
    total: values.length,
    firstStep: stepsOf[0] ?? 0,
    lastStep: stepsOf.at(-1) ?? 0,
    notFinite: notFinite(x, stepsOf, values),
    diverged: null,
    alerts: [],
  };
}

/** What `first` is over all of the run, where only a part is in sight. */
function firstsOf(formula: Expression, metrics: readonly string[], source: FormulaSource): Firsts {
  const firsts: Firsts = new Map();
  const whole = pointsOf(metrics, source.whole);
  const all = whole && together(whole);
  if (all) valueOf(formula, all.columns, firsts);
  return firsts;
}

function picked(column: Numbers, at: readonly number[]): Float64Array {
  const found = new Float64Array(at.length);
  for (let index = 0; index < at.length; index += 1) found[index] = column[at[index] as number] as number;
  return found;
}

function pointsOf(metrics: readonly string[], series: (metric: string) => Series | undefined): Map<string, Points> | null {
  const points = new Map<string, Points>();
  for (const metric of metrics) {
    const found = series(metric);
    if (!found || found.x.length === 0) return null;
    points.set(metric, { steps: found.x, values: found.last });
  }
  return points;
}

/** Neighbours whose value is the same infinity, or no number. */
function notFinite(x: Float64Array, steps: Float64Array, values: Float64Array): NotFinite[] {
  const stretches: NotFinite[] = [];
  let before: string | null = null;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    const word = Number.isFinite(value) ? null : (String(value) as NotFinite["value"]);
    const last = stretches.at(-1);
    if (word !== null && word === before && last) {
      last.lastX = x[at] as number;
      last.count += 1;
    } else if (word !== null)
      stretches.push({ step: steps[at] as number, x: x[at] as number, lastX: x[at] as number, value: word, count: 1 });
    before = word;
  }
  return stretches;
}
