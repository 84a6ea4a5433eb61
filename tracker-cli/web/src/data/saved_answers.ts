/** What the server would have answered, out of a report. */
import { lastAt, secondsAt } from "../model/saved_axis.ts";
import { lowerBound } from "../model/scale.ts";
import { smoothed } from "../model/smooth.ts";
import { ApiError } from "./api_error.ts";
import { decodeCurves } from "./curves.ts";
import type { CurveRequest, Curves, Series } from "./curves.ts";
import type { Comparison, Runs, Saved } from "./types.ts";

/** What the server would have answered to this path. */
export function savedAnswer(from: Saved, path: string): unknown {
  const url = new URL(path, "http://report");
  const params = url.searchParams;
  const name = params.get("name");
  const found = from.answers[name === null ? url.pathname : `${url.pathname} ${name}`];
  if (found === undefined) throw new ApiError("this report does not hold that", "`tracker ui` shows all of the store", 404);
  const project = params.get("project");
  if (project !== null) return { ...(found as Runs), runs: (found as Runs).runs.filter((run) => run.project === project) };
  return url.pathname === "/api/v1/compare" ? among(found as Comparison, params.getAll("run")) : found;
}

/** The comparison of some of the runs. */
function among(all: Comparison, ids: string[]): Comparison {
  const places = ids.map((id) => all.runs.indexOf(id)).filter((place) => place >= 0);
  const pick = <T>(values: readonly T[]): T[] => places.map((place) => values[place] ?? values[0]) as T[];
  const rows = (of: Comparison["config"]): Comparison["config"] =>
    of.map((row) => {
      const values = pick(row.values);
      return { ...row, values, differs: new Set(values.map((value) => JSON.stringify(value))).size > 1 };
    });
  const packages = all.packages.map((row) => ({ ...row, versions: pick(row.versions) })).filter((row) => new Set(row.versions).size > 1);
  return { ...all, runs: pick(all.runs), config: rows(all.config), environment: rows(all.environment), packages, code: pick(all.code) };
}

const decoded = new Map<string, Curves>();

/** The curves that the server would have answered, out of the buckets in the file. */
export function savedCurves(from: Saved, { metrics, runs, x, from: first, to, smooth }: CurveRequest): Curves {
  const found = metrics.map((metric) => curvesOfMetric(from, metric));
  const series = found.flatMap((all) => runs.flatMap((run) => all.series.find((each) => each.run === run) ?? []));
  const shown = series.map((each) => {
    const whole = smooth ? { ...each, smooth: smoothed(each.last, smooth) } : each;
    return onAxis(from, part(whole, Number(first ?? 0), Number(to ?? Infinity)), x);
  });
  return { series: shown, warnings: found.flatMap(({ warnings }) => warnings) };
}

/** The same points at other positions. */
function onAxis(from: Saved, series: Series, x: string): Series {
  if (x === "step") return series;
  const place = placeOf(from, series.run, x);
  return {
    ...series,
    x: Float64Array.from(series.x, place),
    notFinite: series.notFinite.map((found) => ({ ...found, x: place(found.x), lastX: place(found.lastX) })),
    diverged: series.diverged && { ...series.diverged, x: place(series.diverged.x) },
    alerts: series.alerts.map((mark) => ({ ...mark, x: place(mark.x) })),
  };
}

/** From a step to its place on the axis; NaN where nobody knows it. */
function placeOf(from: Saved, run: string, x: string): (step: number) => number {
  if (x === "relative" || x === "wall") {
    const clock = from.clocks[run];
    const start = x === "wall" ? startedAt(from, run) : 0;
    return (step) => (clock ? start + secondsAt(clock, step) : NaN);
  }
  const metric = x.replace(/^metric:/, "");
  const values = metric in from.curves ? curvesOfMetric(from, metric).series.find((each) => each.run === run) : undefined;
  return (step) => (values ? lastAt(values.x, values.last, step) : NaN);
}

function startedAt(from: Saved, run: string): number {
  const found = from.answers[`/api/v1/runs/${run}`] as { started_at: string } | undefined;
  return found ? Date.parse(found.started_at) / 1000 : NaN;
}

function curvesOfMetric(from: Saved, metric: string): Curves {
  const all = decoded.get(metric) ?? decodeCurves(bytesOf(from.curves[metric] ?? ""));
  decoded.set(metric, all);
  return all;
}

function bytesOf(base64: string): ArrayBuffer {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes.buffer;
}

/** The points from one step to another; positions are steps in the file. */
function part(series: Series, from: number, to: number): Series {
  const [begin, end] = [lowerBound(series.x, from), lowerBound(series.x, to + 1)];
  if (begin === 0 && end === series.x.length) return series;
  const cut: Series = {
    ...series,
    x: series.x.subarray(begin, end),
    last: series.last.subarray(begin, end),
    notFinite: series.notFinite.filter(({ x, lastX }) => lastX >= from && x <= to),
    alerts: series.alerts.filter(({ x }) => x >= from && x <= to),
  };
  for (const name of ["min", "max", "smooth"] as const) {
    const column = series[name];
    if (column) cut[name] = column.subarray(begin, end);
  }
  return cut;
}
