import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import type { Knob, RunDetail } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Failure } from "../../part/notice.tsx";

/** Changes that are shown of a knob, the last ones. */
const MOST_CHANGES = 5;

/** Numbers of the training that people may change while it goes on. */
export function Knobs({ run, onChange }: { run: RunDetail; onChange(): void }): JSX.Element {
  const isOpen = run.state === "running" && !run.read_only;
  return (
    <section class="card pad" aria-label="Knobs">
      <h2>Knobs</h2>
      <div class="knobs">
        {run.knobs.map((knob) => (
          <KnobRow key={knob.name} run={run.id} knob={knob} isOpen={isOpen} onChange={onChange} />
        ))}
      </div>
    </section>
  );
}

interface KnobRowProps {
  run: string;
  knob: Knob;
  isOpen: boolean;
  onChange(): void;
}

function KnobRow({ run, knob, isOpen, onChange }: KnobRowProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState<number | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const name = oneLine(knob.name);
  const value = typed.trim() === "" ? Number.NaN : Number(typed);
  const set = (event: Event): void => {
    event.preventDefault();
    api.setKnob(run, knob.name, value).then(
      () => {
        setAsked(value);
        setTyped("");
        setFailure(null);
        onChange();
      },
      (thrown) => setFailure(asApiError(thrown)),
    );
  };
  return (
    <div data-knob={knob.name}>
      <form class="row wrap" onSubmit={set}>
        <strong>{name}</strong>
        <span class="mono" data-text="knob-value">
          {knob.value}
        </span>
        <span class="muted tiny">{told(knob)}</span>
        <span class="grow" />
        {isOpen && (
          <>
            {asked !== null && asked !== knob.value && (
              <span class="muted tiny" role="status">
                asked for {asked}
              </span>
            )}
            <input
              type="text"
              inputMode="decimal"
              class="tag-input"
              aria-label={`New value of ${name}`}
              placeholder={`${knob.value}`}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
            <button type="submit" class="button small" disabled={!Number.isFinite(value)}>
              Set
            </button>
          </>
        )}
      </form>
      {failure && <Failure error={failure} />}
      <Changes knob={knob} />
    </div>
  );
}

function told({ default: first, least, most, since }: Knob): string {
  const bounds = [least === null ? "" : ` from ${least}`, most === null ? "" : ` to ${most}`].join("");
  return `${since === null ? "as declared" : `since step ${since}, default ${first}`}${bounds && `, takes values${bounds}`}`;
}

/** The latest first. */
function Changes({ knob }: { knob: Knob }): JSX.Element | null {
  if (knob.changes.length === 0) return null;
  return (
    <ul class="muted tiny" data-text="knob-changes">
      {knob.changes
        .slice(-MOST_CHANGES)
        .toReversed()
        .map((change) => (
          <li key={`${change.from_step}`}>
            step {change.from_step}: {change.value}, {oneLine(change.by)}, {change.time.slice(11, 19)}
          </li>
        ))}
    </ul>
  );
}
