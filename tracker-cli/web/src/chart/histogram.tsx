import type { JSX } from "preact";
import type { HistogramProps } from "./types.ts";

export function HistogramOverTime({ rows }: HistogramProps): JSX.Element {
  return <figure class="histogram" data-points={rows.length} />;
}
