import { useEffect } from "preact/hooks";
import { wantMarks } from "../data/marks.ts";
import { view } from "../data/route.ts";
import type { Run } from "../data/types.ts";

/** Keeps the marks of the runs that are drawn, as they grow. */
export function useMarks(runs: readonly Run[]): void {
  const level = view.value.marks;
  useEffect(() => wantMarks(runs, level), [runs, level]);
}
