/** Where two runs begin to differ, in words. */
import type { DifferingValue, Divergence } from "../data/types.ts";
import { oneLine } from "./safe_text.ts";

/** The first difference in a sentence. */
export function firstWords({ compared, bitwise }: Pick<Divergence, "compared" | "bitwise">): string {
  const first = bitwise[0];
  if (first) return `They first differ at ${placeWords(first)}: ${oneLine(first.metric)}.`;
  if (compared === 0) return "Nothing to compare: they have no metric at a step that both have.";
  return `No number differs: ${compared} points are the same in both, bit by bit; times and speeds aside.`;
}

/** `step 803`, or `after 800, by 810` where nobody has seen what is between. */
export function placeWords({ step, after }: Pick<DifferingValue, "step" | "after">): string {
  const isClose = after === null || BigInt(after) + 1n >= BigInt(step);
  return isClose ? `step ${step}` : `a step after ${after}, by ${step}`;
}
