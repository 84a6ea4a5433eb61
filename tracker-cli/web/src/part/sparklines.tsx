import type { JSX } from "preact";
import type { Series } from "../data/curves.ts";
import { definitions } from "../data/state.ts";
import type { Run } from "../data/types.ts";
import { formatNumber, numberOf } from "../model/format.ts";
import { oneLine } from "../model/safe_text.ts";
import { sparkline } from "../model/sparkline.ts";
import { useRunCurves } from "./use_run_curves.ts";

const [WIDTH, HEIGHT, BUCKETS] = [120, 26, 120];

interface SparklinesProps {
  run: Run;
  metrics: readonly string[];
}

/** Small curves of a run, each with its name and last value. */
export function Sparklines({ run, metrics }: SparklinesProps): JSX.Element {
  const { series } = useRunCurves({ run: run.id, metrics, buckets: BUCKETS, live: run.state === "running" });
  return (
    <ul class="sparklines">
      {metrics.map((metric) => (
        <li key={metric} data-spark={metric} title={oneLine(metric)}>
          <span class="clip tiny muted">{oneLine(metric)}</span>
          <Curve of={series.get(metric)} />
          <span class="number">{formatNumber(numberOf(run.summary[metric]?.last) ?? NaN, definitions.value[metric]?.unit ?? null)}</span>
        </li>
      ))}
    </ul>
  );
}

function Curve({ of }: { of: Series | undefined }): JSX.Element {
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={of ? sparkline(of.x, of.last, WIDTH, HEIGHT) : ""} />
    </svg>
  );
}
