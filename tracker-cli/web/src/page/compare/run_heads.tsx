import type { JSX } from "preact";
import type { Run } from "../../data/types.ts";
import { RunName } from "../../part/run_name.tsx";

/** The heads of a table with a column a run. */
export function RunHeads({ runs, colors, number }: { runs: readonly Run[]; colors: ReadonlyMap<string, string>; number?: boolean }): JSX.Element {
  return (
    <>
      {runs.map((run) => (
        <th key={run.id} scope="col" class={number ? "number" : ""}>
          <span class="run-head-cell"><span class="swatch filled" style={{ color: colors.get(run.id) ?? "currentColor" }} /><RunName run={run} /></span>
        </th>
      ))}
    </>
  );
}
