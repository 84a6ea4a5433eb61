import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Code as RunCode, Comparison, Run } from "../../data/types.ts";
import { changesOf, changesText, pairsOf, sharedHunks, verdict } from "../../model/code.ts";
import type { Change, Pair, Where } from "../../model/code.ts";
import { oneLine } from "../../model/safe_text.ts";
import { ChangedFile } from "../../part/diff_view.tsx";
import { RunName } from "../../part/run_name.tsx";

/** As many files of a run are unfolded at once, the shorter ones of them. */
const OPEN_FILES = 8;

interface Told {
  id: string;
  run: Run;
  code: RunCode;
  changes: Change[];
}

/** Which commit each run was built from, what was changed since, and where that is not as in the first run. */
export function Code({ runs, comparison }: { runs: readonly Run[]; comparison: Comparison }): JSX.Element {
  const told = useMemo(
    () =>
      comparison.runs.flatMap((id, at): Told[] => {
        const [run, code] = [runs.find((each) => each.id === id), comparison.code[at]];
        return run && code ? [{ id, run, code, changes: changesOf(code) }] : [];
      }),
    [comparison, runs],
  );
  const first = told[0];
  const pairs = useMemo(() => told.slice(1).map(({ changes }) => pairsOf(first?.changes ?? [], changes)), [told]);
  return (
    <div class="codes">
      <p class="muted" data-text="verdict">
        {verdict(
          told.map(({ code }) => code),
          pairs,
        )}{" "}
        {commitHint(told)}
      </p>
      {told.map((each, at) => (
        <OfRun key={each.id} told={each} first={at === 0 ? null : (first ?? null)} pairs={pairs[at - 1] ?? []} />
      ))}
    </div>
  );
}

/** What to type to see the difference itself. */
function commitHint(told: readonly Told[]): JSX.Element | null {
  const [a, b] = [...new Set(told.map(({ code }) => code.commit))].filter((commit) => commit !== null);
  return a && b ? (
    <>
      To see what the commits differ in:{" "}
      <code>
        git diff {a.slice(0, 12)} {b.slice(0, 12)}
      </code>
    </>
  ) : null;
}

function OfRun({
  told: { id, run, code, changes },
  first,
  pairs,
}: {
  told: Told;
  first: Told | null;
  pairs: readonly Pair[];
}): JSX.Element {
  const byPath = new Map(pairs.map((pair) => [pair.path, pair]));
  const others = pairs.filter(({ where }) => where === "first");
  return (
    <section class="card pad" data-code={id} aria-label={`Code of ${oneLine(run.name)}`}>
      <div class="row wrap code-head">
        <strong>
          <RunName run={run} />
        </strong>
        <code title={code.commit ?? undefined}>{code.commit?.slice(0, 12) ?? "no commit known"}</code>
        {code.branch && <span class="muted">on {oneLine(code.branch)}</span>}
        <span class="muted" data-text="changes">
          {changesText(code)}
        </span>
        {(code.diff_cut || code.files_cut) && (
          <span class="muted">
            — not all of it is here; <code>tracker show {run.short_id} --patch</code> has what was recorded
          </span>
        )}
      </div>
      {changes.map((change, at) => {
        const pair = byPath.get(change.path);
        const other = pair?.where === "differently" ? (pair.first?.diff ?? null) : null;
        const shared = change.diff && other ? sharedHunks(change.diff, other) : undefined;
        return (
          <ChangedFile key={change.path} change={change} open={at < OPEN_FILES && pair?.where !== "alike"} {...(shared ? { shared } : {})}>
            {pair && <Beside where={pair.where} />}
          </ChangedFile>
        );
      })}
      {first &&
        code.dirty !== null &&
        others.map(({ path }) => (
          <div key={path} class="change change-flat" data-change={path}>
            <span class="mono change-path">{oneLine(path)}</span>
            <Beside where="first" />
          </div>
        ))}
    </section>
  );
}

const WORDS: { [where in Where]: string } = {
  first: "changed only in the first run",
  second: "only here",
  alike: "as in the first run",
  differently: "other than in the first run",
  unknown: "in the first run too; nobody knows how",
};

function Beside({ where }: { where: Where }): JSX.Element {
  return (
    <span class="beside" data-where={where}>
      {WORDS[where]}
    </span>
  );
}
