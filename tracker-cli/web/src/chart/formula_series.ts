/** The curve of a formula, made of those of its metrics as far as they are loaded. */
import type { NotFinite, Series } from "../data/curves.ts";
import { metricsOf } from "../model/formula.ts";
import type { Expression } from "../model/formula.ts";
import { together } from "../model/formula_steps.ts";
import type { Points } from "../model/formula_steps.ts";
import { valueOf } from "../model/formula_value.ts";
import type { Firsts } from "../model/formula_value.ts";
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
  const x = Float64Array.from(found.at, (at) => positions[at] as number);
  const stepsOf = Float64Array.from(found.at, (at) => steps[at] as number);
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
  let open: NotFinite | null = null;
  values.forEach((value, at) => {
    const word = Number.isFinite(value) ? null : (String(value) as NotFinite["value"]);
    if (word !== null && open?.value === word) {
      open.lastX = x[at] as number;
      open.count += 1;
      return;
    }
    open = word === null ? null : { step: steps[at] as number, x: x[at] as number, lastX: x[at] as number, value: word, count: 1 };
    if (open) stretches.push(open);
  });
  return stretches;
}
