/** What a chart draws: one curve a run or, where seeds are grouped, one a group. */
import type { NotFinite, Series } from "../data/curves.ts";
import type { AlertMark, Diverged } from "../data/types.ts";
import { groupLine } from "../model/groups.ts";
import type { Numbers } from "../model/scale.ts";
import { DASHES } from "../model/palette.ts";
import { shortNames } from "../model/short_names.ts";
import type { ChartLine, ChartOptions, ChartRun } from "./types.ts";

export interface Curve {
  /** The run, or the group's name; in a chart of several metrics with the metric behind it. */
  id: string;
  label: string;
  /** The label without what all labels of the chart share, where it is long. */
  short?: string | undefined;
  color: string;
  dash: number;
  /** The runs behind it. */
  runs: string[];
  best: boolean;
  grouped: boolean;
  unit?: string | undefined;
  /** Measured by the axis on the right. */
  right?: boolean;
  /** Which of the chart's lines it is of; 0 where left out. */
  line?: number;
  /** False where each point stands for several logged ones. */
  exact?: boolean;
  /** Ascending. */
  x: Numbers;
  y: Numbers;
  /** The logged values behind a smoothed curve. */
  raw?: Numbers;
  low?: Numbers;
  high?: Numbers;
  /** Of a group, how many of its runs speak at each position. */
  counts?: Numbers;
  notFinite: NotFinite[];
  diverged: Diverged | null;
  alerts: AlertMark[];
}

type Picked = Pick<ChartOptions, "grouped" | "center" | "band">;

/** The curves of the runs that have points, in the order of the runs, and after them the groups. */
export function curvesOf(runs: readonly ChartRun[], series: (run: string) => Series | undefined, options: Picked): Curve[] {
  const curves: Curve[] = [];
  const groups = new Map<string, Curve[]>();
  const sizes = new Map<string, number>();
  for (const run of runs) {
    if (run.group !== undefined) sizes.set(run.group, (sizes.get(run.group) ?? 0) + 1);
    const found = series(run.id);
    if (!found || found.x.length === 0) continue;
    const curve = runCurve(run, found);
    if (!options.grouped || run.group === undefined) curves.push(curve);
    else if (groups.has(run.group)) groups.get(run.group)?.push(curve);
    else groups.set(run.group, [curve]);
  }
  for (const [name, members] of groups) curves.push(groupCurve(name, members, sizes.get(name) ?? members.length, options));
  const short = shortNames(curves.map(({ label }) => label));
  return short.size === 0 ? curves : curves.map((curve) => ({ ...curve, short: short.get(curve.label) }));
}

/** The curves of all metrics of a chart. Where there are several, the dash tells them apart, and the colour stays the run's. */
export function curvesOfLines(
  runs: readonly ChartRun[],
  lines: readonly ChartLine[],
  series: (line: ChartLine, run: string) => Series | undefined,
  options: Picked,
): Curve[] {
  const isLeft = lines.some(({ right }) => !right);
  return lines.flatMap((line, at) => {
    const curves = curvesOf(runs, (run) => series(line, run), options);
    return lines.length === 1
      ? curves.map((curve) => ({ ...curve, unit: line.unit }))
      : curves.map((curve) => ofLine(curve, line, at, isLeft));
  });
}

function ofLine(curve: Curve, { title, unit, right = false }: ChartLine, at: number, isLeft: boolean): Curve {
  const id = `${curve.id}\n${at}`;
  return {
    ...curve,
    id,
    line: at,
    label: `${curve.label} · ${title}`,
    short: curve.short === undefined ? undefined : `${curve.short} · ${title}`,
    dash: at % DASHES.length,
    best: false,
    unit,
    right: right && isLeft,
  };
}

function runCurve(run: ChartRun, series: Series): Curve {
  const { x, last, min, max, smooth } = ascending(series);
  const y = smooth ?? last;
  return {
    id: run.id,
    label: run.label,
    color: run.color,
    dash: run.dash,
    runs: [run.id],
    best: run.best ?? false,
    grouped: false,
    x,
    y,
    notFinite: series.notFinite,
    diverged: series.diverged,
    alerts: series.alerts,
    exact: series.exact,
    ...(smooth ? { raw: last } : {}),
    ...(min && max ? { low: min, high: max } : {}),
  };
}

/** In the colour of its runs, which share that of their group wherever the page draws groups. */
function groupCurve(name: string, members: Curve[], size: number, options: Picked): Curve {
  const line = groupLine(members, options.center, options.band);
  return {
    id: name,
    label: `${name}, n = ${members.length}${members.length < size ? ` of ${size}` : ""}`,
    color: (members[0] as Curve).color,
    dash: (members[0] as Curve).dash,
    grouped: true,
    runs: members.map(({ id }) => id),
    best: members.some(({ best }) => best),
    x: line.x,
    y: line.center,
    counts: line.runs,
    notFinite: members.flatMap(({ notFinite }) => notFinite),
    diverged: divergedOf(members),
    alerts: members.flatMap(({ alerts }) => alerts),
    ...(options.band === "none" ? {} : { low: line.low, high: line.high }),
  };
}

/** A group has diverged when its last run has. */
function divergedOf(members: readonly Curve[]): Diverged | null {
  let last: Diverged | null = null;
  for (const { diverged } of members) {
    if (!diverged) return null;
    if (!last || diverged.x > last.x) last = diverged;
  }
  return last;
}

type Columns = Pick<Series, "x" | "last" | "min" | "max" | "smooth">;

/** A metric as x axis may go back and forth: its points are then put in order, those without a place left out. */
function ascending(series: Series): Columns {
  const { x } = series;
  let sorted = true;
  for (let at = 0; at < x.length && sorted; at += 1) {
    sorted = Number.isFinite(x[at]) && (at === 0 || (x[at - 1] as number) <= (x[at] as number));
  }
  return sorted ? series : reordered(series);
}

function reordered(series: Series): Columns {
  const { x, last, min, max, smooth } = series;
  const order = [...x.keys()].filter((at) => Number.isFinite(x[at])).sort((a, b) => (x[a] as number) - (x[b] as number));
  const pick = (column: Numbers) => Float64Array.from(order, (at) => column[at] as number);
  return {
    x: pick(x),
    last: pick(last),
    ...(min ? { min: pick(min) } : {}),
    ...(max ? { max: pick(max) } : {}),
    ...(smooth ? { smooth: pick(smooth) } : {}),
  };
}

/** Whether the curve stands for the run, itself or as a group of it. */
export function standsFor(curve: Curve, id: string): boolean {
  return curve.id === id || curve.runs.includes(id);
}
