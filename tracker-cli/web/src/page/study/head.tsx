import type { JSX } from "preact";
import { to } from "../../data/route.ts";
import type { Json, StudyMetric } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { isOver, paramText, valueText } from "../../model/study.ts";
import type { Study } from "../../model/study.ts";
import { Link } from "../../part/link.tsx";

const STATES = ["running", "waiting", "complete", "pruned", "failed"] as const;

/** What is made better, how far it is, and the best there is. */
export function Head({ study }: { study: Study }): JSX.Element {
  const { trials, run_cap: cap } = study;
  const begun = trials.all - trials.waiting;
  return (
    <header class="study-head">
      <div class="row wrap">
        <h1 class="clip">{oneLine(study.name)}</h1>
        <span class="tag">{study.method}</span>
        {stopperOf(study.early_terminate) !== "" && <span class="tag">{stopperOf(study.early_terminate)}</span>}
        {study.revision > 1 && <span class="tag">changed {study.revision - 1}×</span>}
        {study.asked_to_stop && <span class="tag warn-text">asked to stop</span>}
        <span class="muted">{study.metrics.map(goalText).join("; ")}</span>
      </div>
      <div class="row wrap study-states" data-text="trials">
        {cap !== null && <progress value={begun} max={cap} aria-label={`${begun} of ${cap} trials`} />}
        <strong>
          {begun} {cap === null ? (begun === 1 ? "trial" : "trials") : `of ${cap} trials`}
        </strong>
        {STATES.filter((state) => trials[state] > 0).map((state) => (
          <span key={state} class="trial-state" data-trial-state={state}>
            {trials[state]} {state}
          </span>
        ))}
        {isOver(study) && <span class="muted">· over</span>}
      </div>
      <Best study={study} />
    </header>
  );
}

function goalText({ name, goal, value }: StudyMetric): string {
  return `${goal === "maximize" ? "maximizes" : "minimizes"} the ${value} ${oneLine(name)}`;
}

/** `asha, min_iter 1, eta 3` of what ends trials early; empty for nothing. */
function stopperOf(told: Json): string {
  if (told === null || typeof told !== "object" || Array.isArray(told)) return "";
  const { type, ...rest } = told;
  const words = Object.entries(rest).map(([key, value]) => `${key} ${paramText(value)}`);
  return [paramText(type), ...words].filter((word) => word !== "").join(", ");
}

function Best({ study }: { study: Study }): JSX.Element | null {
  if (study.metrics.length > 1)
    return (
      <p data-text="best">
        {study.front === 0 ? "No trial has a result yet." : `${study.front} of ${study.trials.complete} trials are beaten by no other one.`}
      </p>
    );
  if (study.best === null) return <p class="muted">No trial has a result yet.</p>;
  const run = study.all[study.best]?.run;
  return (
    <div class="study-best" data-text="best">
      <span class="muted">Best</span>
      <strong class="study-best-value">{valueText(study.best_values[0])}</strong>
      <span>{run ? <Link href={to.run(run)}>trial {study.best}</Link> : `trial ${study.best}`}</span>
      <dl class="study-params">
        {study.parameters
          .filter(({ name }) => study.best_params[name] !== undefined)
          .map(({ name }) => (
            <div key={name}>
              <dt class="muted">{oneLine(name)}</dt>
              <dd>{paramText(study.best_params[name])}</dd>
            </div>
          ))}
      </dl>
    </div>
  );
}
