/** The table of runs as CSV. */
import type { Run } from "../data/types.ts";
import { isNumber, valueOf } from "./column.ts";
import type { ColumnId } from "./column.ts";
import { csvLine } from "./csv_cell.ts";

export function tableCsv(runs: readonly Run[], columns: readonly ColumnId[]): string {
  const lines = [["id", ...columns], ...runs.map((run) => [run.id, ...columns.map((column) => cellText(run, column))])];
  return lines.map(csvLine).join("\n") + "\n";
}

function cellText(run: Run, column: ColumnId): string | number | bigint {
  const value = valueOf(run, column);
  return isNumber(value) ? value : value === undefined ? "" : String(value);
}
