/** Which step a place on a curve means: a curve of many points shows buckets, and of each one point alone was meant. */
import { fetchCurves } from "../data/curves.ts";
import type { Series } from "../data/curves.ts";
import { nearestIndex } from "../model/scale.ts";

/** A place that somebody has picked on a chart. */
export interface Picked {
  run: string;
  metric: string;
  /** What is on the x axis, as in the curves' contract. */
  axis: string;
  x: number;
  /** The position of the point before, where all between it and `x` are drawn as one. */
  after: number | null;
  /** The value that was pointed at; null where it is none of the metric's own, such as a mean. */
  value: number | null;
}

/** As many as the server gives. */
const MOST_BUCKETS = 4096;

/** The step, as digits; null where the run has no point there. */
export async function stepOf(picked: Picked): Promise<string | null> {
  const bounds = picked.axis === "step" ? boundsOfSteps(picked) : await boundsOnAxis(picked);
  if (!bounds) return null;
  const [from, to] = bounds;
  if (from >= to || picked.value === null) return exactStep(picked, to);
  const found = await series(picked, { x: "step", from, to });
  return found && found.x.length > 0 ? exactStep(picked, stepOfValue(found, picked.value)) : exactStep(picked, to);
}

function boundsOfSteps({ x, after }: Picked): [number, number] {
  return [after === null ? x : after + 1, x];
}

/** The same buckets by step and on the axis. */
async function boundsOnAxis(picked: Picked): Promise<[number, number] | null> {
  const [placed, steps] = await Promise.all([series(picked, { x: picked.axis }), series(picked, { x: "step" })]);
  if (!placed || !steps || placed.x.length !== steps.x.length) return null;
  const at = nearestIndex(placed.x, picked.x);
  if (at < 0) return null;
  const to = steps.x[at] as number;
  return [!placed.exact && at > 0 ? (steps.x[at - 1] as number) + 1 : to, to];
}

async function series(
  { run, metric }: Picked,
  asked: { x: string; from?: number | string; to?: number | string },
): Promise<Series | undefined> {
  const { series } = await fetchCurves({ metrics: [metric], runs: [run], buckets: MOST_BUCKETS, ...asked });
  return series[0];
}

/** Where the value is nearest to that which was pointed at; of buckets, their extremes count too. */
export function stepOfValue({ x, last, min, max }: Pick<Series, "x" | "last" | "min" | "max">, value: number): number {
  let [best, least] = [x[x.length - 1] as number, Infinity];
  for (let at = 0; at < x.length; at += 1) {
    for (const column of [last, min, max]) {
      const away = column ? Math.abs((column[at] as number) - value) : Infinity;
      if (away < least) [best, least] = [x[at] as number, away];
    }
  }
  return best;
}

/** All digits of a step that a chart knows as a float. */
async function exactStep(picked: Picked, step: number): Promise<string | null> {
  const whole = Math.max(0, Math.round(step));
  if (Number.isSafeInteger(whole)) return String(whole);
  // Floats this large stand for several steps.
  const half = BigInt(2 ** Math.max(0, Math.floor(Math.log2(whole)) - 53));
  const [from, to] = [BigInt(whole) - half, BigInt(whole) + half];
  const most = 2n ** 64n - 1n;
  const found = await series(picked, { x: "step", from: String(from), to: String(to > most ? most : to) });
  return found && found.x.length > 0 ? String(found.lastStep) : String(BigInt(whole) > most ? most : BigInt(whole));
}
