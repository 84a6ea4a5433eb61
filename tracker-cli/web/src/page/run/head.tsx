import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import { lookOf } from "../../data/looks.ts";
import { to } from "../../data/route.ts";
import { saved } from "../../data/saved.ts";
import { store } from "../../data/state.ts";
import type { RunDetail } from "../../data/types.ts";
import { timeOf } from "../../model/duration.ts";
import { formatAge } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { isSaid } from "../../model/told_state.ts";
import { AlertCount } from "../../part/alert_count.tsx";
import { BaselineButton } from "../../part/baseline_button.tsx";
import { Diverged } from "../../part/diverged.tsx";
import { EditText } from "../../part/edit_text.tsx";
import { Link } from "../../part/link.tsx";
import { Failure } from "../../part/notice.tsx";
import { OtherRun } from "../../part/other_run.tsx";
import { LiveFacts } from "../../part/live_facts.tsx";
import { ReportButton } from "../../part/report_button.tsx";
import { StateMark } from "../../part/state_mark.tsx";
import { Swatch } from "../../part/swatch.tsx";
import { useKeptBaseline } from "../../part/use_baseline.ts";

interface HeadProps {
  run: RunDetail;
  onChange(): void;
}

/** The run's name, state and tags, and the buttons that stop it. */
export function Head({ run, onChange }: HeadProps): JSX.Element {
  useKeptBaseline(run.project);
  const readOnly = run.read_only;
  const took = timeOf(run);
  const rename = (name: string): Promise<unknown> => api.edit(run.id, { name }).then(onChange);
  return (
    <header class="run-head">
      <div class="row wrap">
        <h1 class="row">
          <Swatch look={lookOf(run)} />
          <EditText
            name="name"
            label="the name"
            value={run.name}
            shown={oneLine(run.name)}
            lines="one"
            empty="no name"
            readOnly={readOnly}
            onSave={rename}
          />
        </h1>
        <StateMark run={run} words all />
        <Diverged run={run} />
        <AlertCount run={run} />
        {readOnly && !store.value?.read_only && (
          <span class="tag" data-notice="read-only" title="This run belongs to another user; tracker ui --writable changes it too">
            read-only
          </span>
        )}
        <span class="muted" data-text="time" title={run.started_at}>
          {took !== "" && `${took}, `}started {formatAge(run.started_at, Date.now())} ago
        </span>
        <span class="grow" />
        <BaselineButton run={run} alone />
        <ReportButton runs={[run]} />
        <Link href={to.compare([run.id])} class="button" action="compare-with" title="Choose other runs to lay beside this one">
          Compare with…
        </Link>
        {run.state === "running" && !readOnly && <StopButtons run={run} />}
      </div>
      {run.message && !isSaid(run) && <p class="muted plain-text">{oneLine(run.message)}</p>}
      {run.live && <LiveFacts run={run} live={run.live} />}
      {run.study !== null && (
        <p class="muted" data-text="study">
          {trialWords(run)} of the study{" "}
          {saved ? oneLine(run.study) : <Link href={to.study(run.project, run.study)}>{oneLine(run.study)}</Link>}
        </p>
      )}
      <Forks run={run} />
      {run.since && (
        <p class="muted plain-text" data-text="since">
          Since the last run, <OtherRun id={run.since.run} name={run.since.run_name} />: {oneLine(run.since.text)}
        </p>
      )}
      <Tags run={run} readOnly={readOnly} onChange={onChange} />
    </header>
  );
}

/** `Trial 7`, where the run knows its number. */
function trialWords({ about }: RunDetail): string {
  const told = about["study"];
  const number = told !== null && typeof told === "object" && !Array.isArray(told) ? told["trial"] : undefined;
  return typeof number === "number" ? `Trial ${number}` : "A trial";
}

/** More forks than this are not named. */
const MOST_FORKS = 20;

/** From which run it was forked, and which were forked from it. */
function Forks({ run }: { run: RunDetail }): JSX.Element | null {
  const { forked_from: from, forks } = run;
  if (!from && forks.length === 0) return null;
  return (
    <p class="muted" data-text="forks">
      {from && (
        <>
          Forked from <OtherRun id={from.run} name={from.is_there ? from.run_name : null} /> after step {from.step}.{" "}
        </>
      )}
      {forks.slice(0, MOST_FORKS).map((fork, place) => (
        <span key={fork.run}>
          {place === 0 ? "Forks: " : ", "}
          <OtherRun id={fork.run} name={fork.run_name} /> after step {fork.step}
        </span>
      ))}
      {forks.length > MOST_FORKS && ` and ${forks.length - MOST_FORKS} more`}
    </p>
  );
}

/** More tags than this name nothing any more. */
const MOST_TAGS = 100;

function Tags({ run, readOnly, onChange }: HeadProps & { readOnly: boolean }): JSX.Element {
  const [typed, setTyped] = useState("");
  const [failure, setFailure] = useState<ApiError | null>(null);
  const change = (tags: string[]): void => {
    api.edit(run.id, { tags }).then(
      () => {
        setTyped("");
        setFailure(null);
        onChange();
      },
      (thrown) => setFailure(asApiError(thrown)),
    );
  };
  const add = (event: Event): void => {
    event.preventDefault();
    if (typed.trim() !== "") change([...new Set([...run.tags, typed.trim()])]);
  };
  return (
    <div class="row wrap">
      {run.tags.slice(0, MOST_TAGS).map((tag) => (
        <span key={tag} class="tag" data-tag={tag}>
          {oneLine(tag)}
          {!readOnly && (
            <button
              type="button"
              class="tag-remove"
              aria-label={`Remove the tag ${oneLine(tag)}`}
              onClick={() => change(run.tags.filter((each) => each !== tag))}
            >
              ×
            </button>
          )}
        </span>
      ))}
      {run.tags.length > MOST_TAGS && <span class="muted tiny">and {run.tags.length - MOST_TAGS} more tags</span>}
      {!readOnly && (
        <form onSubmit={add}>
          <input
            type="text"
            class="tag-input"
            data-input="tag"
            aria-label="Add a tag"
            placeholder="+ tag"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </form>
      )}
      {failure && <Failure error={failure} />}
    </div>
  );
}

/** Stops a training in another process; the second click says yes. */
function StopButtons({ run }: { run: RunDetail }): JSX.Element {
  const [asked, setAsked] = useState<"epoch" | "now" | null>(null);
  const [said, setSaid] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const stop = (when: "epoch" | "now"): void => {
    setAsked(null);
    api.stop(run.id, when).then(
      () => setSaid(true),
      (thrown) => setFailure(asApiError(thrown)),
    );
  };
  if (failure) return <Failure error={failure} onRetry={() => setFailure(null)} />;
  if (run.listens_to_stop === false) {
    return (
      <button
        type="button"
        class="button"
        data-action="stop-epoch"
        disabled
        title="The training has not yet asked whether it should stop. Adapters do once a batch; a loop of your own calls run.requests()."
      >
        Stop
      </button>
    );
  }
  if (said)
    return (
      <span class="muted" role="status">
        Asked to stop
      </span>
    );
  if (asked) {
    return (
      <span class="row">
        <span>{asked === "epoch" ? "Stop after this epoch?" : "Stop within a batch?"}</span>
        <button type="button" class="button danger" data-action="stop-yes" onClick={() => stop(asked)}>
          Stop
        </button>
        <button type="button" class="button" onClick={() => setAsked(null)}>
          Go on
        </button>
      </span>
    );
  }
  return (
    <span class="row">
      <button type="button" class="button" data-action="stop-epoch" onClick={() => setAsked("epoch")}>
        Stop after this epoch
      </button>
      <button type="button" class="button" data-action="stop-now" onClick={() => setAsked("now")}>
        Stop now
      </button>
    </span>
  );
}
