/** Histograms of different ranges, put on one set of bins, so that they stand side by side. */
import type { HistogramRow } from "./types.ts";

export interface HeatMap {
  min: number;
  max: number;
  /** One column a row of the log, the lowest bin first; each is the share of the row's counts. */
  columns: Float64Array[];
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

function column(row: HistogramRow, min: number, max: number, bins: number): Float64Array {
  const shares = new Float64Array(bins);
  const total = row.counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return shares;
  const toBin = (value: number): number => ((value - min) / (max - min)) * bins;
  const width = (row.max - row.min) / row.counts.length;
  row.counts.forEach((count, at) => {
    const from = toBin(row.min + at * width);
    spread(shares, from, toBin(row.min + (at + 1) * width), count / total);
  });
  return shares;
}

function spread(shares: Float64Array, from: number, to: number, amount: number): void {
  const last = shares.length - 1;
  if (to - from < 1e-12) {
    const bin = Math.max(0, Math.min(last, Math.floor(from)));
    shares[bin] = (shares[bin] as number) + amount;
    return;
  }
  for (let bin = Math.max(0, Math.floor(from)); bin <= last && bin < to; bin += 1) {
    const part = Math.min(to, bin + 1) - Math.max(from, bin);
    shares[bin] = (shares[bin] as number) + (amount * part) / (to - from);
  }
}
