import { useEffect, useRef, useState } from "preact/hooks";
import { fetchCurves } from "../data/curves.ts";
import type { Series } from "../data/curves.ts";
import { revision } from "../data/state.ts";
import type { Range } from "../model/scale.ts";
import { stepsOfRange } from "../model/x_axis.ts";

/** So many curves an answer. */
const METRICS_A_REQUEST = 64;
/** Of a run that lives, curves are fetched anew this often at most. */
const REFRESH_MS = 3000;

export interface RunCurves {
  series: ReadonlyMap<string, Series>;
  isWhole: boolean;
  error: string | null;
}

const NOTHING: RunCurves = { series: new Map(), isWhole: false, error: null };

interface Asked {
  run: string;
  metrics: readonly string[];
  /** How many points of each there are at most. */
  buckets: number;
  zoom?: Range | null;
  live: boolean;
  /** Nothing is fetched before it is wanted. */
  wanted?: boolean;
}

/** Curves of one run over its steps, by their metrics. */
export function useRunCurves({ run, metrics, buckets, zoom = null, live, wanted = true }: Asked): RunCurves {
  const [curves, setCurves] = useState(NOTHING);
  const last = useRef(-Infinity);
  const key = JSON.stringify([run, metrics, zoom]);
  const before = useRef("");
  const grown = live ? revision.value : 0;
  useEffect(() => {
    if (!wanted) return;
    const isNew = before.current !== key;
    before.current = key;
    const flight = new AbortController();
    const wait = isNew ? 0 : Math.max(0, last.current + REFRESH_MS - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      fetchAll({ run, metrics, buckets, zoom }, flight.signal, setCurves).catch((failure: unknown) => {
        if (!flight.signal.aborted)
          setCurves((known) => ({ ...known, error: failure instanceof Error ? failure.message : String(failure) }));
      });
    }, wait);
    return () => {
      clearTimeout(timer);
      flight.abort();
    };
  }, [key, grown, wanted]);
  return curves;
}

async function fetchAll(
  { run, metrics, buckets, zoom }: { run: string; metrics: readonly string[]; buckets: number; zoom: Range | null },
  signal: AbortSignal,
  take: (curves: RunCurves) => void,
): Promise<void> {
  const series = new Map<string, Series>();
  const steps = zoom ? stepsOfRange(zoom) : {};
  for (let first = 0; first < metrics.length; first += METRICS_A_REQUEST) {
    const some = metrics.slice(first, first + METRICS_A_REQUEST);
    const answer = await fetchCurves({ metrics: [...some], runs: [run], x: "step", buckets, ...steps }, signal);
    if (signal.aborted) return;
    for (const one of answer.series) series.set(one.metric, one);
  }
  take({ series, isWhole: true, error: null });
}
