import type { JSX } from "preact";
import type { Comparison, Run } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Empty } from "../../part/notice.tsx";
import { RunHeads } from "./run_heads.tsx";
import { keyScrolled } from "../../part/key_scrolled.ts";

/** Packages of Cargo.lock whose versions differ. */
export function Packages({ runs, comparison }: { runs: readonly Run[]; comparison: Comparison }): JSX.Element {
  const { packages, runs: of } = comparison;
  if (packages.length === 0)
    return (
      <Empty title="No package differs">
        <p class="muted">Versions are those of the Cargo.lock that a run found when it started; a run without one says nothing here.</p>
      </Empty>
    );
  const shown = runs.filter((run) => of.includes(run.id));
  return (
    <div ref={keyScrolled} class="card scroll-box">
      <table class="plain-table sticky-table">
        <thead>
          <tr>
            <th scope="col">package</th>
            <RunHeads runs={shown} looks={new Map()} />
          </tr>
        </thead>
        <tbody>
          {packages.map(({ name, versions }) => (
            <tr key={name} data-package={name}>
              <th scope="row" class="mono">
                {oneLine(name)}
              </th>
              {shown.map((run) => (
                <td key={run.id} class="mono">
                  {oneLine(versions[of.indexOf(run.id)] ?? "–")}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
