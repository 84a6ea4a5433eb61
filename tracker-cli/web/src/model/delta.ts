/** How far a value is from that of the baseline, in words. */
import { formatNumber } from "./format.ts";

/** `+0.012`, `-3.4 pp` (percentage points), `±0`. */
export function signed(difference: number, unit: string | null | undefined): string {
  if (difference === 0) return "±0";
  return `${difference > 0 ? "+" : "-"}${formatNumber(Math.abs(difference), unit ?? null).replace("%", "pp")}`;
}
