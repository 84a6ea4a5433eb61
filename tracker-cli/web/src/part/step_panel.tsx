import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { api, asApiError } from "../data/api.ts";
import type { ApiError } from "../data/api.ts";
import { marks } from "../data/marks.ts";
import { view } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import type { Run, StepAt } from "../data/types.ts";
import type { Looks } from "../model/palette.ts";
import { firstBehind, isStep, lastBefore } from "../model/step.ts";
import { useFetched } from "../page/run/use_detail.ts";
import { Failure, Loading } from "./notice.tsx";
import { closeStep, openStep } from "./step_at.ts";
import "./step_panel.css";
import { isQuiet, RunAtStep } from "./step_run.tsx";
import { ValuesAtStep } from "./step_values.tsx";

/** More runs do not stand side by side in a panel. */
const MOST_RUNS = 8;

interface StepPanelProps {
  /** The runs that are drawn. */
  runs: readonly Run[];
  looks: Looks;
  /** The run that the others are measured by; empty for none. */
  baseline: string;
}

/** What was there at the step that the page is at, of each run that is drawn. */
export function StepPanel({ runs, looks, baseline }: StepPanelProps): JSX.Element | null {
  const { step, told } = view.value;
  if (!told || step === "" || saved || runs.length === 0) return null;
  return <Panel runs={runs} looks={looks} baseline={baseline} step={step} />;
}

/** The run and what it was at the step. */
export interface SideAtStep {
  run: Run;
  at: StepAt;
}

/** A run that cannot be read, such as one that was removed in another window, costs its own part alone. */
type Asked = { run: Run; at: StepAt | null; failure: ApiError | null };

function ask(run: Run, step: string): Promise<Asked> {
  return api.at(run.id, step).then(
    (at) => ({ run, at, failure: null }),
    (thrown) => ({ run, at: null, failure: asApiError(thrown) }),
  );
}

function Panel({ runs, looks, baseline, step }: StepPanelProps & { step: string }): JSX.Element {
  const shown = withFirst(runs, baseline).slice(0, MOST_RUNS);
  const key = `${step} ${shown.map(({ id }) => id).join(" ")}`;
  const { value } = useFetched(() => Promise.all(shown.map((run) => ask(run, step))).then((asked) => ({ key, asked })), key);
  const panel = useRef<HTMLElement>(null);
  useReturnedFocus(panel);
  // An answer to another question is not shown under this one.
  const asked = value?.key === key ? value.asked : null;
  const sides = asked?.flatMap(({ run, at }): SideAtStep[] => (at ? [{ run, at }] : [])) ?? null;
  const telling = sides?.filter(({ at }) => !isQuiet(at)) ?? [];
  return (
    <aside
      ref={panel}
      class="step-panel"
      aria-label={`Step ${step}`}
      data-step-panel={step}
      data-ready={sides !== null}
      tabIndex={-1}
      onKeyDown={(event) => event.key === "Escape" && closeStep()}
    >
      <Head step={step} sides={sides ?? []} />
      {asked?.map(({ run, failure }) => failure && <Failure key={run.id} error={failure} />)}
      {!sides && <Loading what="the step" />}
      {sides && (
        <>
          <ValuesAtStep sides={sides} looks={looks} baseline={baseline} step={step} />
          {telling.map((side) => (
            <RunAtStep key={side.run.id} side={side} look={looks.get(side.run.id)} step={step} />
          ))}
          {telling.length === 0 && <p class="muted tiny">Nothing but numbers up to here.</p>}
          {runs.length > MOST_RUNS && (
            <p class="muted tiny">
              Of {runs.length} runs, the first {MOST_RUNS} are told.
            </p>
          )}
        </>
      )}
    </aside>
  );
}

function withFirst(runs: readonly Run[], baseline: string): Run[] {
  return [...runs].sort((one, other) => Number(other.id === baseline) - Number(one.id === baseline));
}

/** The panel takes the focus when it opens, so that the keyboard is where the news is, and gives it back. */
function useReturnedFocus(panel: { current: HTMLElement | null }): void {
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
}

function Head({ step, sides }: { step: string; sides: readonly SideAtStep[] }): JSX.Element {
  // A mark of several steps knows its ends; the messages around it are known one by one.
  const marked = sides.flatMap(({ run, at }) => [
    ...(marks.value.get(run.id) ?? []).flatMap((mark) => [mark.step, mark.last_step]),
    ...at.messages.flatMap(({ step: of, level }) => (of !== null && /warning|error/.test(level) ? of : [])),
  ]);
  const before = lastBefore([...marked, ...sides.flatMap(({ at }) => at.before ?? [])], step);
  const behind = firstBehind([...marked, ...sides.flatMap(({ at }) => at.behind ?? [])], step);
  return (
    <header class="row step-head">
      <h2>Step</h2>
      <input
        type="text"
        class="step-number"
        inputMode="numeric"
        aria-label="Step"
        value={step}
        onChange={({ currentTarget }) => {
          const typed = currentTarget.value.trim();
          if (isStep(typed)) openStep(String(BigInt(typed)));
          else currentTarget.value = step;
        }}
      />
      <Go action="step-before" text="‹" label="The step before with something" to={before} />
      <Go action="step-behind" text="›" label="The next step with something" to={behind} />
      <span class="grow" />
      <button type="button" class="button small" data-action="close-step" aria-label="Close" title="Close (Esc)" onClick={closeStep}>
        ✕
      </button>
    </header>
  );
}

function Go({ action, text, label, to }: { action: string; text: string; label: string; to: string | null }): JSX.Element {
  return (
    <button
      type="button"
      class="button small"
      data-action={action}
      aria-label={label}
      title={to === null ? `${label}: there is none` : `${label}: ${to}`}
      disabled={to === null}
      onClick={() => to !== null && openStep(to)}
    >
      {text}
    </button>
  );
}
