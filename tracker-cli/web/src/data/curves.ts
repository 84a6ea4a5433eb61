/**
 * Curves from the server: a small JSON header and columns of numbers behind it, which become typed
 * arrays without copying (docs/http-api.md, "Curves").
 */

import { atBase } from "./base.ts";
import { saved } from "./saved.ts";
import type { AlertMark, CurvesHeader, Diverged, Failed, SeriesHeader, Step, Stretch } from "./types.ts";

/** A column of values: 32 bits where each value fits, else 64. */
export type Column = Float32Array | Float64Array;

/** Neighbouring points whose values are not finite, from `x` to `lastX`; `step` is that of the first. */
export type NotFinite = Omit<Stretch, "last_x"> & { lastX: number };

/** One run's curve of one metric. */
export interface Series {
  metric: string;
  run: string;
  x: Column;
  /** The last value of each bucket, NaN and infinities included. */
  last: Column;
  /** Least and greatest finite value of each bucket; absent where `exact`. */
  min?: Column;
  max?: Column;
  /** The smoothed curve, where it was asked for. */
  smooth?: Column;
  /** Each point is a single logged one. */
  exact: boolean;
  /** How many points are logged in the range. */
  total: number;
  firstStep: Step;
  lastStep: Step;
  notFinite: NotFinite[];
  diverged: Diverged | null;
  /** Where somebody should look. */
  alerts: AlertMark[];
}

export interface CurveRequest {
  metrics: string[];
  runs: string[];
  x: string;
  /** Bounds of the steps, whatever the x axis is. */
  from?: number | string;
  to?: number | string;
  buckets?: number;
  smooth?: number;
}

export interface Curves {
  series: Series[];
  warnings: string[];
}

const MAGIC = "TRKC";
const VERSION = 1;
const FIXED_BYTES = 16;

/** Reads an answer of `POST /api/v1/curves`; throws where it is not one. */
export function decodeCurves(buffer: ArrayBuffer): Curves {
  const header = readHeader(buffer);
  const base = FIXED_BYTES + header.bytes;
  return {
    series: header.json.series.map((series) => readSeries(buffer, base, series)),
    warnings: header.json.warnings,
  };
}

function readHeader(buffer: ArrayBuffer): { json: CurvesHeader; bytes: number } {
  if (buffer.byteLength < FIXED_BYTES) throw new Error("the curves end before their header");
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw new Error("the answer is not a set of curves");
  const view = new DataView(buffer);
  const version = view.getUint32(4, true);
  if (version !== VERSION) {
    throw new Error(`the curves have version ${version}, this page reads ${VERSION}; reload the page`);
  }
  const bytes = view.getUint32(8, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, FIXED_BYTES, bytes));
  return { json: JSON.parse(text) as CurvesHeader, bytes };
}

function readSeries(buffer: ArrayBuffer, base: number, header: SeriesHeader): Series {
  const columns = readColumns(buffer, base, header);
  const series: Series = {
    metric: header.metric,
    run: header.run,
    x: columns.get("x") ?? new Float64Array(0),
    last: columns.get("last") ?? new Float32Array(0),
    exact: header.exact,
    total: header.total,
    firstStep: header.first_step,
    lastStep: header.last_step,
    notFinite: header.not_finite.map(({ last_x, ...found }) => ({ ...found, lastX: last_x })),
    diverged: header.diverged,
    alerts: header.alerts,
  };
  const [min, max, smooth] = [columns.get("min"), columns.get("max"), columns.get("smooth")];
  if (min && max) Object.assign(series, { min, max });
  if (smooth) series.smooth = smooth;
  return series;
}

/** Each column begins at a multiple of 8, whatever the width of its values. */
function readColumns(buffer: ArrayBuffer, base: number, header: SeriesHeader): Map<string, Column> {
  const columns = new Map<string, Column>();
  if (header.points === 0) return columns;
  let at = base + header.offset;
  for (const name of header.columns) {
    const Kind = header[name === "x" ? "x" : "y"] === "f64" ? Float64Array : Float32Array;
    columns.set(name, new Kind(buffer, at, header.points));
    at += Math.ceil((header.points * Kind.BYTES_PER_ELEMENT) / 8) * 8;
  }
  return columns;
}

/** Asks the server for curves; an error carries the server's own words and hint. */
export async function fetchCurves(request: CurveRequest, signal?: AbortSignal): Promise<Curves> {
  if (saved) return (await import("./saved_answers.ts")).savedCurves(saved, request);
  const response = await fetch(atBase("/api/v1/curves"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw new Error(await reason(response));
  return decodeCurves(await response.arrayBuffer());
}

async function reason(response: Response): Promise<string> {
  try {
    const { error, hint } = (await response.json()) as Partial<Failed>;
    if (error) return hint ? `${error} (hint: ${hint})` : error;
  } catch {
    // An answer that is no JSON came from something between page and server: its status says most.
  }
  return `the server answered ${response.status} ${response.statusText}`;
}
