/** What the tooltip says at a place of the plot. */
import { nearestIndex } from "../model/scale.ts";
import type { Curve } from "./curve.ts";
import { frameOf, isFinitePlace, placeX, placeY } from "./paint.ts";
import type { Frame } from "./paint.ts";

export interface Row {
  curve: Curve;
  x: number;
  value: number;
  /** Of a group: how many of its runs have points here, and the ends of its band. */
  group?: { runs: number; low?: number | undefined; high?: number | undefined };
  /** Distance to the pointer, in pixels. */
  away: number;
}

export interface Nearby {
  /** The greatest value first. */
  rows: Row[];
  nearest: Row | null;
}

/** Further than this a curve has no point "here". */
const REACH = 24;
/** Nearer than this the pointer means the curve. */
const GRIP = 30;

/** The point of each curve nearest to the pointer's position along x, in the order of their values. */
export function nearby(curves: readonly Curve[], frame: Frame, left: number, top: number): Nearby {
  const toX = placeX(frame);
  const [onLeft, onRight] = [placeY(frame), placeY(frameOf(frame, { right: true }))];
  const position = positionAt(frame, left);
  const rows: Row[] = [];
  for (const curve of curves) {
    const at = nearestIndex(curve.x, position);
    if (at < 0) continue;
    const [x, value] = [curve.x[at] as number, curve.y[at] as number];
    if (!covers(curve, position) && !(Math.abs(toX(x) - left) <= REACH)) continue;
    const py = (curve.right ? onRight : onLeft)(value);
    const away = isFinitePlace(py) ? Math.abs(py - top) : Infinity;
    rows.push({ curve, x, value, away, ...(curve.counts ? { group: groupAt(curve, curve.counts, at) } : {}) });
  }
  rows.sort((a, b) => descending(a.value, b.value));
  return { rows, nearest: nearestOf(rows) };
}

function groupAt({ low, high }: Curve, counts: ArrayLike<number>, at: number): NonNullable<Row["group"]> {
  return { runs: counts[at] as number, low: low?.[at], high: high?.[at] };
}

function covers({ x }: Curve, position: number): boolean {
  return (x[0] as number) <= position && position <= (x[x.length - 1] as number);
}

/** NaN sorts last. */
function descending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : b - a;
}

function nearestOf(rows: readonly Row[]): Row | null {
  let nearest: Row | null = null;
  for (const row of rows) if (row.away <= GRIP && row.away < (nearest?.away ?? Infinity)) nearest = row;
  return nearest;
}

/** The position on the x axis under a pixel of the plane. */
export function positionAt({ xRange: [min, max], xLog, width }: Frame, left: number): number {
  const share = left / width;
  return xLog ? min * (max / min) ** share : min + (max - min) * share;
}

/** At most `most` rows with the nearest among them, and how many are left out on either side. */
export function rowsAround({ rows, nearest }: Nearby, most: number): { shown: Row[]; above: number; below: number } {
  const center = nearest ? rows.indexOf(nearest) : 0;
  const first = Math.max(0, Math.min(center - (most >> 1), rows.length - most));
  const shown = rows.slice(first, first + most);
  return { shown, above: first, below: rows.length - first - shown.length };
}
