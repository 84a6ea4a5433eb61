/** Cells and lines of a CSV file, such that no spreadsheet takes a name for a formula. */
import { UNSEEN } from "./safe_text.ts";

/** What a spreadsheet takes for the beginning of a formula, in the width of any script, behind what nobody sees. */
const FORMULA = new RegExp(`^[\\s${UNSEEN}]*[=+\\-@＝＋－＠]|^[\\t\\r\\n]`, "u");
const NEEDS_QUOTES = /[",\r\n]/;

/** A cell. Text that a spreadsheet would compute gets an apostrophe before it; numbers stay numbers. */
export function csvCell(value: string | number | bigint): string {
  if (typeof value !== "string") return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(cells: readonly (string | number | bigint)[]): string {
  return cells.map(csvCell).join(",");
}
