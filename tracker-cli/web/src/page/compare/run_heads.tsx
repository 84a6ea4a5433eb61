import type { JSX } from "preact";
import type { Run } from "../../data/types.ts";
import { shortNames } from "../../model/short_names.ts";
import { RunName } from "../../part/run_name.tsx";
import type { Looks } from "../../model/palette.ts";
import { Swatch } from "../../part/swatch.tsx";

/** The heads of a table with a column a run. */
export function RunHeads({ runs, looks, number }: { runs: readonly Run[]; looks: Looks; number?: boolean }): JSX.Element {
  const short = shortNames(runs.map((run) => run.name));
  return (
    <>
      {runs.map((run) => (
        <th key={run.id} scope="col" class={number ? "number" : ""}>
          <span class="run-head-cell">
            <Swatch look={looks.get(run.id)} />
            <RunName run={run} short={short.get(run.name)} />
          </span>
        </th>
      ))}
    </>
  );
}
