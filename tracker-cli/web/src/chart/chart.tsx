import type { JSX } from "preact";
import type { ChartProps } from "./types.ts";

/** One chart of one metric. */
export function Chart({ metric, title, runs }: ChartProps): JSX.Element {
  return (
    <section class="chart" data-chart={metric} data-state="idle" data-series={runs.length}>
      <header class="chart-head"><h3>{title}</h3></header>
    </section>
  );
}
