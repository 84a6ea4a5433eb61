/** Curves of many layers as a map: a row for each layer, a column for some steps. */
import type { NotFinite, Series } from "../data/curves.ts";
import type { Range } from "./scale.ts";

/** More columns than this are thinner than what a screen tells apart. */
export const MOST_COLUMNS = 400;

export type LayerCurve = Pick<Series, "x" | "last" | "min" | "max"> & { notFinite: readonly Pick<NotFinite, "x" | "lastX" | "value">[] };

export interface LayerGrid {
  rows: number;
  columns: number;
  /** The steps at both ends. */
  range: Range;
  /** Row by row; NaN where nothing was logged. */
  least: Float64Array;
  greatest: Float64Array;
  last: Float64Array;
  /** Whether a value there was not finite. */
  broken: Uint8Array;
}

/** The map of the curves, which are of steps; null where none has a point in the range. */
export function layerGrid(curves: readonly (LayerCurve | undefined)[], zoom: Range | null): LayerGrid | null {
  const range = zoom ?? wholeRange(curves);
  const most = Math.max(0, ...curves.map((curve) => (curve ? pointsIn(curve, range) : 0)));
  if (most === 0) return null;
  const columns = Math.min(most, MOST_COLUMNS);
  const size = curves.length * columns;
  const [least, greatest, last] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  for (const values of [least, greatest, last]) values.fill(NaN);
  const grid: LayerGrid = { rows: curves.length, columns, range, least, greatest, last, broken: new Uint8Array(size) };
  curves.forEach((curve, row) => {
    if (curve) fillRow(grid, row, curve);
  });
  return grid;
}

function wholeRange(curves: readonly (LayerCurve | undefined)[]): Range {
  let [from, to] = [Infinity, -Infinity];
  for (const curve of curves) {
    if (!curve || curve.x.length === 0) continue;
    from = Math.min(from, curve.x[0] as number);
    to = Math.max(to, curve.x[curve.x.length - 1] as number);
  }
  return [from, to];
}

function pointsIn({ x }: LayerCurve, [from, to]: Range): number {
  let count = 0;
  for (const at of x) if (at >= from && at <= to) count += 1;
  return count;
}

export function columnAt({ columns, range: [from, to] }: Pick<LayerGrid, "columns" | "range">, x: number): number {
  if (!(to > from)) return 0;
  return Math.max(0, Math.min(columns - 1, Math.floor(((x - from) / (to - from)) * columns)));
}

/** The steps that a column stands for. */
export function stepsOfColumn({ columns, range: [from, to] }: LayerGrid, column: number): Range {
  const width = (to - from) / columns;
  return [Math.ceil(from + column * width), Math.max(Math.ceil(from + column * width), Math.ceil(from + (column + 1) * width) - 1)];
}

function fillRow(grid: LayerGrid, row: number, { x, last, min, max, notFinite }: LayerCurve): void {
  const start = row * grid.columns;
  const [from, to] = grid.range;
  for (let at = 0; at < x.length; at += 1) {
    const step = x[at] as number;
    if (step < from || step > to) continue;
    const place = start + columnAt(grid, step);
    const [value, low, high] = [last[at] as number, (min ?? last)[at] as number, (max ?? last)[at] as number];
    if (Number.isFinite(value)) grid.last[place] = value;
    if (Number.isFinite(low) && !((grid.least[place] as number) <= low)) grid.least[place] = low;
    if (Number.isFinite(high) && !((grid.greatest[place] as number) >= high)) grid.greatest[place] = high;
  }
  for (const { x: first, lastX } of notFinite) {
    if (lastX < from || first > to) continue;
    for (let column = columnAt(grid, first); column <= columnAt(grid, lastX); column += 1) grid.broken[start + column] = 1;
  }
  carry(grid, start);
}

/** Between two points of a layer that is logged less often than others, its last value stands. */
function carry(grid: LayerGrid, start: number): void {
  const isThere = (column: number): boolean => !Number.isNaN(grid.greatest[start + column]) || grid.broken[start + column] === 1;
  let end = grid.columns - 1;
  while (end >= 0 && !isThere(end)) end -= 1;
  for (let column = 1; column < end; column += 1) {
    if (isThere(column)) continue;
    const [here, before] = [start + column, start + column - 1];
    for (const values of [grid.least, grid.greatest, grid.last]) values[here] = values[before] as number;
    grid.broken[here] = grid.broken[before] as number;
  }
}

export interface ColorScale {
  range: Range;
  log: boolean;
}

/** From this ratio on, equal colours for all but the greatest values would hide the rest. */
const SPANS_DECADES = 50;

/** What the colours span: on a log scale where all is above 0 but a little, and spans decades. Null without a finite value. */
export function colorScale(values: Iterable<number>): ColorScale | null {
  let [min, max, leastPositive] = [Infinity, -Infinity, Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    if (value > 0) leastPositive = Math.min(leastPositive, value);
  }
  if (min > max) return null;
  if (min >= 0 && max / leastPositive >= SPANS_DECADES) return { range: [leastPositive, max], log: true };
  return { range: min === max ? [min, min + (Math.abs(min) || 1)] : [min, max], log: false };
}

/** Where a value stands between the ends of the scale, from 0 to 1; 0 too for what a log scale has no place for. */
export function shareOf(value: number, { range: [min, max], log }: ColorScale): number {
  const share = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.max(0, Math.min(1, Number.isNaN(share) ? 0 : share));
}
