import { useEffect, useRef, useState } from "preact/hooks";
import { Asker } from "../data/asker.ts";
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

/** Curves that are asked for. */
interface Question {
  run: string;
  metrics: readonly string[];
  /** How many points of each there are at most. */
  buckets: number;
  zoom: Range | null;
}

interface Asked extends Omit<Question, "zoom"> {
  zoom?: Range | null;
  live: boolean;
  /** Nothing is fetched before it is wanted. */
  wanted?: boolean;
}

/** Curves of one run over its steps, by their metrics. */
export function useRunCurves({ run, metrics, buckets, zoom = null, live, wanted = true }: Asked): RunCurves {
  const [curves, setCurves] = useState(NOTHING);
  const asker = useRef<Asker<RunCurves> | null>(null);
  asker.current ??= new Asker(
    (question) => fetchAll(JSON.parse(question) as Question),
    (answer, failure) => setCurves((known) => answer ?? { ...known, error: failure instanceof Error ? failure.message : String(failure) }),
    REFRESH_MS,
  );
  const question: Question = { run, metrics, buckets, zoom };
  const asked = wanted ? JSON.stringify(question) : null;
  useEffect(() => asker.current?.want(asked), [asked, live ? revision.value : 0]);
  useEffect(() => () => asker.current?.stop(), []);
  return curves;
}

async function fetchAll({ run, metrics, buckets, zoom }: Question): Promise<RunCurves> {
  const series = new Map<string, Series>();
  const steps = zoom ? stepsOfRange(zoom) : {};
  for (let first = 0; first < metrics.length; first += METRICS_A_REQUEST) {
    const some = metrics.slice(first, first + METRICS_A_REQUEST);
    const answer = await fetchCurves({ metrics: some, runs: [run], x: "step", buckets, ...steps });
    for (const one of answer.series) series.set(one.metric, one);
  }
  return { series, isWhole: true, error: null };
}
