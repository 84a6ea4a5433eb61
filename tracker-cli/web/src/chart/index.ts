/**
 * Charts of the page.
 *
 * - A page's `f` key opens the chart under the pointer by clicking its `[data-action="full"]`.
 * - `[data-chart]` roots carry `data-state` (`idle`, `loading`, `drawn`, `empty`, `error`),
 *   `data-series`, `data-points`, `data-x-min`, `data-x-max`, `data-y-min`, `data-y-max` and
 *   `data-not-finite` (the runs with values that are not finite).
 * - `ChartRun.live === false` spares an ended run's curve from being fetched again.
 * - Colours of many runs without clashes: `runColors` in `model/palette.ts`; where seeds are grouped, the
 *   runs of a group come with one colour (`groupColors` in `model/column.ts`), and its line has it too.
 */
export { Chart } from "./chart.tsx";
export { stepOf } from "./picked.ts";
export type { Picked } from "./picked.ts";
export { HistogramOverTime } from "./histogram.tsx";
export { Parallel } from "./parallel.tsx";
export { Scatter } from "./scatter.tsx";
export { PLAIN_OPTIONS } from "./types.ts";
export type {
  ChartAction,
  ChartLine,
  ChartOptions,
  ChartProps,
  ChartRun,
  HistogramProps,
  HistogramRow,
  ParallelAxis,
  ParallelLine,
  ParallelProps,
  ScatterPoint,
  ScatterProps,
} from "./types.ts";
