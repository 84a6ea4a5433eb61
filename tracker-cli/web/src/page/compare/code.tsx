import type { JSX } from "preact";
import type { Comparison, Run } from "../../data/types.ts";
import { parseDiff } from "../../model/diff.ts";
import type { DiffFile } from "../../model/diff.ts";
import { RunName } from "../../part/run_name.tsx";

/** Which commit each run was built from, and what was changed since. */
export function Code({ runs, comparison }: { runs: readonly Run[]; comparison: Comparison }): JSX.Element {
  const commits = new Set(comparison.code.map(({ commit }) => commit));
  return (
    <div class="codes">
      <p class="muted">{commits.size === 1 ? "All runs are of the same commit." : `The runs are of ${commits.size} commits.`} {pair(comparison)}</p>
      {comparison.runs.map((id, at) => {
        const run = runs.find((each) => each.id === id);
        const code = comparison.code[at];
        if (!run || !code) return null;
        return (
          <section key={id} class="card pad" data-code={id}>
            <div class="row wrap">
              <RunName run={run} />
              <code>{code.commit ?? "no commit known"}</code>
              {code.dirty !== null && <span class="muted">{code.dirty ? "with uncommitted changes" : "nothing uncommitted"}</span>}
            </div>
            {code.diff !== null && parseDiff(code.diff).map((file) => <File key={file.name} file={file} />)}
          </section>
        );
      })}
    </div>
  );
}

/** What to type to see the difference itself. */
function pair({ code }: Comparison): JSX.Element | null {
  const [a, b] = [...new Set(code.map(({ commit }) => commit))].filter((commit) => commit !== null);
  return a && b ? <>To see it: <code>git diff {a.slice(0, 12)} {b.slice(0, 12)}</code></> : null;
}

function File({ file }: { file: DiffFile }): JSX.Element {
  return (
    <details class="diff" open={file.lines.length <= 60}>
      <summary class="mono">{file.name} <span class="diff-added">+{file.added}</span> <span class="diff-removed">−{file.removed}</span></summary>
      <pre>{file.lines.map((line, at) => <span key={at} class={`diff-line diff-${line.kind}`}>{line.text}{"\n"}</span>)}</pre>
    </details>
  );
}
