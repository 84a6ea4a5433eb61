import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../data/api.ts";
import { view } from "../../data/route.ts";
import type { MediaNames, Run } from "../../data/types.ts";
import { placeUpTo, together } from "../../model/step.ts";
import { oneLine } from "../../model/safe_text.ts";
import { MediaJoined } from "../../part/media_joined.tsx";
import { MediaItems } from "../../part/media_items.tsx";
import { Empty, Failure, Loading } from "../../part/notice.tsx";
import { runLabel } from "../../part/run_name.tsx";
import { moveToStep } from "../../part/step_at.ts";
import { useFetched } from "../run/use_detail.ts";

/** The runs whose media are put side by side. */
const MOST = 8;

/** The same name of several runs side by side, at one step: of each run the last one that is not behind it. */
export function MediaTab({ runs }: { runs: readonly Run[] }): JSX.Element {
  const shown = runs.slice(0, MOST);
  const key = shown.map((run) => run.id).join(" ");
  const { value, failure } = useFetched(() => Promise.all(shown.map((run) => api.media(run.id))), key);
  const [name, setName] = useState<string | null>(null);
  if (failure) return <Failure error={failure} />;
  if (!value) return <Loading what="media" />;
  const names = [...new Set(value.flatMap((of) => of.names.map((each) => each.name)))].sort();
  const current = name !== null && names.includes(name) ? name : names[0];
  if (current === undefined) {
    return (
      <Empty title="No media to compare">
        <p>
          Log pictures, tables and plots with <code>run.log_media(..)</code>.
        </p>
      </Empty>
    );
  }
  const steps = stepsOf(value, current);
  const place = placeUpTo(steps, view.value.step);
  const sides = (
    <div class="media-sides">
      {shown.map((run, at) => (
        <Side key={run.id} run={run} name={current} steps={stepsOf(value.slice(at, at + 1), current)} step={steps[place] ?? null} />
      ))}
    </div>
  );
  return (
    <div class="media">
      <section class="card pad wide" data-media-compared={current}>
        <div class="row">
          <select aria-label="Name" data-input="media-name" value={current} onChange={(event) => setName(event.currentTarget.value)}>
            {names.map((each) => (
              <option key={each} value={each}>
                {oneLine(each)}
              </option>
            ))}
          </select>
          <span class="muted tiny" data-text="step">
            step {steps[place] ?? "–"}
          </span>
        </div>
        {steps.length > 1 && (
          <input
            type="range"
            class="media-slider"
            aria-label="Step"
            min="0"
            max={steps.length - 1}
            value={place}
            onInput={(event) => moveToStep(steps[Number(event.currentTarget.value)] ?? "")}
          />
        )}
        {isOfTables(value, current) ? (
          <MediaJoined key={current} runs={shown} name={current} step={steps[place] ?? null} otherwise={sides} />
        ) : (
          sides
        )}
        {runs.length > MOST && <p class="muted tiny">The first {MOST} runs are shown.</p>}
      </section>
    </div>
  );
}

/** Whether a name is of tables, which are put together row by row where they have a key. */
function isOfTables(media: readonly MediaNames[], name: string): boolean {
  return media.some((each) => each.names.some((known) => known.name === name && known.kind === "table"));
}

/** All steps at which any of the runs has media of a name. */
function stepsOf(media: readonly MediaNames[], name: string): string[] {
  const of = media.flatMap((each) => each.names.filter((known) => known.name === name));
  return together(of.map((each) => each.steps));
}

interface SideProps {
  run: Run;
  name: string;
  steps: readonly string[];
  step: string | null;
}

function Side({ run, name, steps, step }: SideProps): JSX.Element {
  const own = steps.length === 0 ? null : (steps[placeUpTo(steps, step ?? "")] ?? null);
  return (
    <div data-side={run.id}>
      <h2 class="clip">{runLabel(run)}</h2>
      {own === null ? <p class="muted tiny">none of this name</p> : <At run={run} name={name} step={own} />}
    </div>
  );
}

function At({ run, name, step }: { run: Run; name: string; step: string }): JSX.Element {
  const { value, failure } = useFetched(() => api.mediaAt(run.id, name, step), `${run.id} ${name} ${step}`);
  if (failure) return <Failure error={failure} />;
  if (!value) return <Loading what="media" />;
  return (
    <>
      <p class="muted tiny">step {step}</p>
      <MediaItems run={run.id} name={name} media={value.media} />
    </>
  );
}
