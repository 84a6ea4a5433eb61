/** What the page hands to charts. */
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Mark } from "../data/types.ts";
import type { Expression } from "../model/formula.ts";
import type { OwnAxes } from "../model/own_axes.ts";
import type { Picked } from "./picked.ts";

export interface ChartRun {
  id: string;
  label: string;
  color: string;
  /** Which of the palette's dashes its line has. */
  dash: number;
  /** Runs of one group become one line with a band where `ChartOptions.grouped`. */
  group?: string;
  /** The best run by this metric is drawn thicker. */
  best?: boolean;
  /** False: the run has ended, so its curve is not fetched again when `revision` grows. */
  live?: boolean;
  /** When it started, in seconds since 1970. */
  started?: number;
  /** Of a run that has ended, another word once it was resumed and has ended again. */
  ending?: string;
}

export interface ChartOptions {
  /** As in the curves' contract: `step`, `relative`, `wall`, `epoch` or `metric:NAME`. */
  x: string;
  xLog: boolean;
  yLog: boolean;
  /** Weight of the moving average, 0 for none. */
  smooth: number;
  /** The y axis spans the 5th to 95th percentile; the data stay whole. */
  clipOutliers: boolean;
  /** Where the y axis begins and ends; left out, where the curves do. */
  low?: number;
  high?: number;
  band: "none" | "minmax" | "std" | "stderr" | "t95";
  center: "mean" | "median";
  grouped: boolean;
}

/** Curves over steps as they were logged. */
export const PLAIN_OPTIONS: ChartOptions = {
  x: "step",
  xLog: false,
  yLog: false,
  smooth: 0,
  clipOutliers: false,
  band: "none",
  center: "mean",
  grouped: false,
};

/** One metric of a chart, or a formula over metrics. */
export interface ChartLine {
  /** What it is called. */
  title: string;
  /** The metric's name; of a formula its text. */
  metric: string;
  /** A formula that was read, or why it cannot be. */
  formula?: Expression | { problem: string };
  unit?: string | undefined;
  /** Measured by the axis on the right, where others are measured by that on the left. */
  right?: boolean;
}

export interface ChartProps {
  /** Names the chart for tests and files. */
  name: string;
  title: string;
  /** The metrics that it shows; the first one's unit is that of the axis. */
  lines: ChartLine[];
  direction?: "lower" | "higher";
  runs: ChartRun[];
  options: ChartOptions;
  /** Grows when there are new points; charts on screen then fetch, at most twice a second. */
  revision: number;
  /** Charts with the same key share their crosshair. */
  syncKey: string;
  /** The run that stands out on the page: charts listen to it by themselves, as a page that passed it on would be drawn anew. */
  highlight?: ReadonlySignal<string | null>;
  onHighlight?(run: string | null): void;
  /** The zoom in units of the x axis; left out, the chart keeps its own. */
  xRange?: [number, number] | null;
  onXRange?(range: [number, number] | null): void;
  tall?: boolean;
  /** What stands before the title, behind it, and in words beside the x axis. */
  lead?: ComponentChildren;
  tools?: ComponentChildren;
  note?: string | undefined;
  /** What the menu offers besides. */
  actions?: ChartAction[];
  /** Takes another title; left out, it cannot be changed. */
  onTitle?(title: string): void;
  /** Takes a metric away; left out, none can be. */
  onRemove?(line: ChartLine): void;
  /** Measures a metric by the other axis. */
  onOtherAxis?(line: ChartLine): void;
  /** What of the options is this chart's own. */
  own?: OwnAxes;
  /** Takes other axes of its own; left out, the chart has none. */
  onOwn?(own: OwnAxes): void;
  /** Opens what was there at the place that somebody has picked; left out, nobody can pick one. */
  onPick?(picked: Picked): void;
  /** The step that the page is at: a line stands there, where the axis is that of steps. */
  step?: string;
  /** What there is to see at steps, by run. */
  marks?: ReadonlyMap<string, readonly Mark[]>;
  /** The run by which the tooltip measures the others. */
  baseline?: string;
}

/** Something to choose from a chart's menu. */
export interface ChartAction {
  /** Names the button for tests. */
  action: string;
  text: string;
  run(): void;
}

export interface ScatterPoint {
  id: string;
  label: string;
  color: string;
  x: number;
  y: number;
}

/** What both pictures of many runs share. */
interface ManyRuns {
  /** How many runs there are, also where not all are handed over. */
  of: number;
  /** What they are called, where they are no runs. */
  noun?: string;
  /** The run under the pointer, here or elsewhere. */
  lit: Signal<string | null>;
  /** What else there is to say of a run, a line each. */
  tell?(id: string): readonly string[];
  onPick?(id: string): void;
}

export interface ScatterProps extends ManyRuns {
  points: readonly ScatterPoint[];
  /** The words of a categorical x axis, whose values are indices into them. */
  xWords?: readonly string[] | undefined;
  xLabel: string;
  yLabel: string;
  xUnit?: string | undefined;
  yUnit?: string | undefined;
  xLog: boolean;
  yLog: boolean;
  /** A line behind the dots, from corner to corner. */
  line?: readonly { x: number; y: number }[];
}

export interface ParallelAxis {
  label: string;
  unit?: string | undefined;
  log: boolean;
  flip: boolean;
  /** The words of a categorical axis, whose values are indices into them. */
  categories?: string[];
}

export interface ParallelLine {
  id: string;
  label: string;
  color: string;
  dash: number;
  values: (number | null)[];
}

export interface ParallelProps extends ManyRuns {
  axes: readonly ParallelAxis[];
  lines: readonly ParallelLine[];
  /** The runs inside all brushes; null when nothing is brushed. */
  onBrush?(ids: string[] | null): void;
  onAxis?(index: number, change: { log?: boolean; flip?: boolean }): void;
}

export interface HistogramRow {
  step: number | string;
  min: number;
  max: number;
  counts: number[];
}

export interface HistogramProps {
  rows: HistogramRow[];
}
