import type { Numbers } from "./scale.ts";

/**
 * The debiased exponential moving average, as the server computes it: `last = last * w + (1 - w) * y` over
 * `1 - w^n`. Values that are not finite are left out and stay as they are.
 */
export function smoothed(values: Numbers, weight: number): Float64Array {
  let [last, rest] = [0, 1];
  return Float64Array.from(values, (value) => {
    if (!Number.isFinite(value)) return value;
    last = last * weight + (1 - weight) * value;
    rest *= weight;
    return last / (1 - rest);
  });
}
