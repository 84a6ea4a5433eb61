/** Formulas are computed anew only when what they are made of is: a chart is drawn with every move over its curves. */
import type { Series } from "../data/curves.ts";
import { metricsOf } from "../model/formula.ts";
import type { Expression } from "../model/formula.ts";
import { formulaSeries } from "./formula_series.ts";
import type { FormulaSource } from "./formula_series.ts";

interface Computed {
  formula: Expression;
  smooth: number;
  made: readonly (Series | undefined)[];
  series: Series | undefined;
}

export class FormulaCache {
  private readonly known = new Map<string, Computed>();

  /** The curve of a formula; `key` names formula and run. Until curves that have grown fit together, it is the one before. */
  series(key: string, formula: Expression, source: FormulaSource, run: string, smooth: number): Series | undefined {
    const before = this.known.get(key);
    const made = metricsOf(formula).flatMap((metric) => [source.seen(metric), source.whole(metric), source.placed(metric)]);
    if (before && before.formula === formula && before.smooth === smooth && made.every((each, at) => each === before.made[at]))
      return before.series;
    const series = formulaSeries(formula, source, run, smooth) ?? (made.includes(undefined) ? undefined : before?.series);
    this.known.set(key, { formula, smooth, made, series });
    return series;
  }

  /** Forgets everything, as when another axis or other formulas are wanted. */
  clear(): void {
    this.known.clear();
  }
}
