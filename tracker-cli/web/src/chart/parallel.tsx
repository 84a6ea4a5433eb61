import type { JSX } from "preact";
import type { ParallelProps } from "./types.ts";

export function Parallel({ lines }: ParallelProps): JSX.Element {
  return <figure class="parallel" data-points={lines.length} />;
}
