/** Histograms of different ranges, put on one set of bins, so that they stand side by side. */
import type { HistogramRow } from "./types.ts";

export interface HeatColumn {
  step: number | string;
  /** How many values there are in all. */
  total: number;
  /** Of each bin, the lowest first; a part of a value where bins of the log are split. */
  counts: Float64Array;
}

export interface HeatMap {
  min: number;
  max: number;
  /** One column a row of the log. */
  columns: HeatColumn[];
}

/** Spreads each row's counts over common bins, in proportion to how much of a bin lies in which. */
export function heatMap(rows: readonly HistogramRow[], bins: number): HeatMap | null {
  const usable = rows.filter(({ min, max }) => Number.isFinite(min) && Number.isFinite(max));
  if (usable.length === 0) return null;
  let [min, max] = [Infinity, -Infinity];
  for (const row of usable) [min, max] = [Math.min(min, row.min), Math.max(max, row.max)];
  if (min === max) [min, max] = [min - 0.5, max + 0.5];
  return { min, max, columns: usable.map((row) => column(row, min, max, bins)) };
}

function column(row: HistogramRow, min: number, max: number, bins: number): HeatColumn {
  const counts = new Float64Array(bins);
  const total = row.counts.reduce((sum, count) => sum + count, 0);
  const toBin = (value: number): number => ((value - min) / (max - min)) * bins;
  const width = (row.max - row.min) / row.counts.length;
  row.counts.forEach((count, at) => {
    const from = toBin(row.min + at * width);
    if (count > 0) spread(counts, from, toBin(row.min + (at + 1) * width), count);
  });
  return { step: row.step, total, counts };
}

function spread(counts: Float64Array, from: number, to: number, amount: number): void {
  const last = counts.length - 1;
  if (to - from < 1e-12) {
    const bin = Math.max(0, Math.min(last, Math.floor(from)));
    counts[bin] = (counts[bin] as number) + amount;
    return;
  }
  for (let bin = Math.max(0, Math.floor(from)); bin <= last && bin < to; bin += 1) {
    const part = Math.min(to, bin + 1) - Math.max(from, bin);
    counts[bin] = (counts[bin] as number) + (amount * part) / (to - from);
  }
}

export interface Ridge {
  /** Which of the map's columns. */
  column: number;
  /** Of each bin, from 0 to 1: the logarithm of its count by that of the greatest of all, so that thin tails are seen. */
  heights: number[];
}

/** Some columns as hills, the last step first, so that earlier ones stand before it. */
export function ridges({ columns }: HeatMap, most: number): Ridge[] {
  const count = Math.min(most, columns.length);
  const chosen = Array.from({ length: count }, (_, at) => (count === 1 ? 0 : Math.round((at * (columns.length - 1)) / (count - 1))));
  const greatest = Math.max(1, ...columns.map(({ counts }) => Math.max(...counts)));
  const height = (value: number): number => Math.log1p(value) / Math.log1p(greatest);
  return chosen.toReversed().map((column) => ({ column, heights: Array.from(columns[column]?.counts ?? [], height) }));
}
