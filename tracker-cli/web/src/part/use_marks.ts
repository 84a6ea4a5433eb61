import { useEffect } from "preact/hooks";
import { wantMarks } from "../data/marks.ts";
import { viewField } from "../data/route.ts";
import type { Run } from "../data/types.ts";

/** Keeps the marks of the runs that are drawn, as they grow. */
export function useMarks(runs: readonly Run[]): void {
  const level = viewField("marks");
  useEffect(() => wantMarks(runs, level), [runs, level]);
}
