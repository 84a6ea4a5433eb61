/** What of a view goes into a file that shows it: the charts in sight, and the curves that these draw. */
import { isAdded, linesOf, metricOfKey, parseChoices, formatChoice } from "./chart_choice.ts";
import { metricsOf } from "./formula.ts";
import { readFormula } from "./formula_text.ts";
import { filterMetrics } from "./sections.ts";
import type { View } from "./url_state.ts";

export interface ExportedView {
  view: View;
  /** Whose curves the file holds. */
  metrics: string[];
}

/** `metrics` are all that the runs have. What is hidden or filtered out stays at home, and is not named either. */
export function exportedView(view: View, metrics: readonly string[]): ExportedView {
  const hidden = new Set(view.hidden);
  const inSight = new Set(filterMetrics([...metrics], view.metrics).metrics.filter((metric) => !hidden.has(`m:${metric}`)));
  const charts = parseChoices(view.charts).filter((choice) =>
    isAdded(choice) ? !hidden.has(choice.key) : inSight.has(metricOfKey(choice.key) ?? ""),
  );
  const drawn = charts.flatMap(linesOf).flatMap(({ metric, isFormula }) => {
    const formula = isFormula ? readFormula(metric, metrics) : null;
    return !formula ? metric : "problem" in formula ? [] : metricsOf(formula);
  });
  const held = new Set([...inSight, ...drawn, ...axesOf(view.x)]);
  return {
    view: {
      ...view,
      charts: charts.map(formatChoice),
      // A metric that another chart draws is in the file, and its own chart stays away.
      hidden: view.hidden.filter((key) => held.has(metricOfKey(key) ?? "")),
    },
    metrics: metrics.filter((metric) => held.has(metric)),
  };
}

/** The metrics that an x axis is made of; epochs are offered everywhere. */
function axesOf(x: string): string[] {
  return x.startsWith("metric:") ? ["epoch", x.slice("metric:".length)] : ["epoch"];
}
