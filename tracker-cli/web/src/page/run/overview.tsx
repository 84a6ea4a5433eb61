import type { JSX } from "preact";
import { api } from "../../data/api.ts";
import type { Json, RunDetail } from "../../data/types.ts";
import { leavesOf, quoted } from "../../model/flatten.ts";
import { formatTime } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { changesText } from "../../model/code.ts";
import { Sparklines } from "../../part/sparklines.tsx";
import { EditText } from "../../part/edit_text.tsx";
import { CodeChanges } from "./code_changes.tsx";
import { Knobs } from "./knobs.tsx";
import { Results } from "./results.tsx";

/** What somebody wants to know first: notes, results, problems, facts. */
export function Overview({ run, onChange }: { run: RunDetail; onChange(): void }): JSX.Element {
  const save = (notes: string): Promise<unknown> => api.edit(run.id, { notes }).then(onChange);
  return (
    <div class="overview">
      <div class="overview-main">
        <section class="card pad" aria-label="Notes">
          <h2>Notes</h2>
          <EditText
            name="notes"
            label="the notes"
            value={run.notes ?? ""}
            lines="many"
            markdown
            empty="No notes. Say what this run is about."
            readOnly={run.read_only}
            onSave={save}
          />
        </section>
        {run.key_metrics.length > 0 && (
          <section class="card pad" aria-label="Key curves">
            <h2>Key curves</h2>
            <Sparklines run={run} metrics={run.key_metrics} />
          </section>
        )}
        {run.alert_list.length > 0 && <Alerts run={run} />}
        {run.knobs.length > 0 && <Knobs run={run} onChange={onChange} />}
        {run.problem_list.length > 0 && <Problems run={run} />}
        <Results run={run} />
        {run.code && run.code.files.length > 0 && <CodeChanges id={run.id} code={run.code} />}
      </div>
      <Facts run={run} />
    </div>
  );
}

/** The latest first: it says what is so now. */
function Alerts({ run }: { run: RunDetail }): JSX.Element {
  const before = run.alerts - run.alert_list.length;
  return (
    <section class="card pad" aria-label="Alerts">
      <h2>Alerts</h2>
      <ul class="problems">
        {run.alert_list.toReversed().map((alert, index) => (
          <li key={index} data-alert={alert.rule} data-level={alert.level}>
            <span class="muted">{alert.time.slice(11, 19)} </span>
            <span class="plain-text">{alert.text}</span>
            {alert.hint && <span class="muted plain-text"> — {alert.hint}</span>}
          </li>
        ))}
        {before > 0 && <li class="muted">and {before} before</li>}
      </ul>
    </section>
  );
}

function Problems({ run }: { run: RunDetail }): JSX.Element {
  return (
    <section class="card pad" aria-label="Problems">
      <h2>Problems</h2>
      <ul class="problems">
        {run.problem_list.map((problem) => (
          <li key={problem.kind} data-problem={problem.kind}>
            <span class="plain-text">
              {problem.message}
              {problem.count > 1 && ` (${problem.count} times)`}
            </span>
            {problem.hint && <span class="muted plain-text"> — {problem.hint}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts({ run }: { run: RunDetail }): JSX.Element {
  const own: [string, string | null][] = [
    ["id", run.id],
    ["project", run.project],
    ["group", run.group],
    ["user", run.user],
    ["commit", run.git?.commit?.slice(0, 12) ?? null],
    ["branch", run.git?.branch ?? null],
    [
      "code",
      run.git === null || run.git.dirty === null
        ? null
        : changesText({ dirty: run.git.dirty, files: run.code?.files ?? null, files_cut: run.code?.files_cut ?? false }),
    ],
    ["started", formatTime(run.started_at)],
    ["ended", run.finished_at === null ? null : formatTime(run.finished_at)],
  ];
  const known = Object.entries(run.provenance).filter(([key]) => !key.startsWith("git"));
  return (
    <aside class="card pad facts" aria-label="Facts">
      <div>
        <h2>Facts</h2>
        <FactList facts={own.filter((fact): fact is [string, string] => fact[1] !== null)} />
      </div>
      {Object.entries(run.about).map(([topic, facts]) => (
        <div key={topic}>
          <h3>{oneLine(topic)}</h3>
          <FactList facts={aboutFacts(run, topic, facts)} />
        </div>
      ))}
      <div>
        <h3>Where it ran</h3>
        <FactList
          facts={known.flatMap(([key, value]) => (isFlat(value) ? [[key, flatText(value)] as [string, string]] : leaves(value, key)))}
        />
      </div>
    </aside>
  );
}

/** The paths of a topic stand under its heading. */
function aboutFacts({ about_exact: exact }: RunDetail, topic: string, facts: Json): [string, string][] {
  const heading = `${quoted(topic)}.`;
  return leaves(facts, quoted(topic), exact).map(([path, text]) => [path.startsWith(heading) ? path.slice(heading.length) : "", text]);
}

function FactList({ facts }: { facts: readonly [string, string][] }): JSX.Element {
  return (
    <dl class="fact-list">
      {facts.map(([key, value]) => (
        <>
          <dt class="muted">{oneLine(key)}</dt>
          <dd class="plain-text">{value}</dd>
        </>
      ))}
    </dl>
  );
}

function isFlat(value: Json): boolean {
  return typeof value !== "object" || value === null || Array.isArray(value);
}

/** A command is read as it was typed. */
function flatText(value: Json): string {
  return Array.isArray(value) ? value.map(String).join(" ") : String(value);
}

/** What is known of a topic, by its paths, with all digits. */
function leaves(value: Json | undefined, prefix = "", exact: RunDetail["about_exact"] = {}): [string, string][] {
  if (value === undefined) return [];
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [[prefix, exact[prefix] ?? flatText(value)]];
  const path = (inner: string): string => (prefix === "" ? inner : `${prefix}.${inner}`);
  return [...leavesOf(value)].map(([inner, leaf]) => [
    path(inner),
    exact[path(inner)] ?? (typeof leaf === "object" ? JSON.stringify(leaf) : String(leaf)),
  ]);
}
