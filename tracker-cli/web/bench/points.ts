/** The points that both pages draw: noisy falling curves, the same in every run of the benchmark. */
import type { SeriesHeader } from "../src/data/types.ts";

export const CHARTS = 12;
export const RUNS = 20;
export const POINTS = 1500;

/** A small generator with a fixed start (Mulberry32), so that rounds compare. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One run's curve; its steps are small enough for single precision, as the server would send them. */
function curve(seed: number, points: number): { x: Float32Array; last: Float32Array } {
  const noise = random(seed + 1);
  const [height, speed] = [1 + noise(), 2 + 4 * noise()];
  const x = Float32Array.from({ length: points }, (_, at) => at * 10 + (seed % 7));
  const last = Float32Array.from({ length: points }, (_, at) => height * Math.exp((-speed * at) / points) + 0.1 * noise());
  return { x, last };
}

/** An answer of `POST /api/v1/curves`, as docs/http-api.md describes it. */
export function answer(metrics: readonly string[], runs: readonly string[], points: number): Uint8Array {
  const width = Math.ceil((points * 4) / 8) * 8;
  const pairs = metrics.flatMap((metric) => runs.map((run) => ({ metric, run })));
  const series = pairs.map(
    (pair, at): SeriesHeader => ({
      ...pair,
      points,
      total: points,
      exact: true,
      x: "f32",
      y: "f32",
      offset: 2 * at * width,
      columns: ["x", "last"],
      first_step: 0,
      last_step: points * 10,
      not_finite: [],
      diverged: null,
      alerts: [],
    }),
  );
  const text = new TextEncoder().encode(JSON.stringify({ series, warnings: [] }));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(16 + headerBytes + 2 * pairs.length * width);
  bytes.set(new TextEncoder().encode("TRKC"));
  new DataView(bytes.buffer).setUint32(4, 1, true);
  new DataView(bytes.buffer).setUint32(8, headerBytes, true);
  bytes.fill(32, 16, 16 + headerBytes);
  bytes.set(text, 16);
  pairs.forEach(({ metric, run }, at) => {
    const { x, last } = curve(seedOf(metric, run), points);
    bytes.set(new Uint8Array(x.buffer), 16 + headerBytes + 2 * at * width);
    bytes.set(new Uint8Array(last.buffer), 16 + headerBytes + (2 * at + 1) * width);
  });
  return bytes;
}

function seedOf(metric: string, run: string): number {
  return Number(metric.replace(/\D/g, "")) * 1000 + Number(run.replace(/\D/g, ""));
}
