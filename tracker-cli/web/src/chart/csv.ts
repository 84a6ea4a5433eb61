/** The drawn data as CSV. */
import { csvLine } from "../model/csv_cell.ts";

/** What a CSV file needs of a drawn curve. */
export interface CsvCurve {
  label: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  low?: ArrayLike<number>;
  high?: ArrayLike<number>;
}

/** The number as it was logged: of single precision, the shortest one that reads the same. */
function logged(column: ArrayLike<number> | undefined, at: number): number | "" {
  const value = column?.[at] ?? "";
  if (!(column instanceof Float32Array) || value === "") return value;
  const digits = [6, 7, 8].find((each) => Math.fround(Number(value.toPrecision(each))) === value) ?? 9;
  return Number(value.toPrecision(digits));
}

/** One line a point: the run's name, its position, its value and, where drawn, the band. */
export function csvOfCurves(xName: string, metric: string, curves: readonly CsvCurve[]): string {
  const lines = [csvLine(["run", xName, metric, "low", "high"])];
  for (const { label, x, y, low, high } of curves) {
    for (let at = 0; at < x.length; at += 1) {
      lines.push(csvLine([label, logged(x, at), logged(y, at), logged(low, at), logged(high, at)]));
    }
  }
  return `${lines.join("\n")}\n`;
}
