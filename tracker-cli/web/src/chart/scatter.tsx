import type { JSX } from "preact";
import type { ScatterProps } from "./types.ts";

export function Scatter({ points }: ScatterProps): JSX.Element {
  return <figure class="scatter" data-points={points.length} />;
}
