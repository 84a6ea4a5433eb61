import type { JSX } from "preact";
import { setView } from "../../data/route.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Card } from "./card.tsx";
import type { ShownStudy } from "./card.tsx";

/** Parameters that say less are found in the table. */
const MOST = 12;
/** From so many best trials on the shares are steady. */
const STEADY = 5;

/** How much of being among the best hangs on which parameter. */
export function Importance({ study, metric }: ShownStudy): JSX.Element {
  const told = study.importance[metric];
  const shares = told?.shares ?? [];
  const metricName = oneLine(study.metrics[metric]?.name ?? "");
  return (
    <Card name="importance" title={`What ${metricName} hangs on`}>
      {!told || shares.length === 0 ? (
        <p class="muted" data-importance="none">
          Nothing can be told yet: it takes results that differ.
        </p>
      ) : (
        <div class="importance" data-importance={shares.length}>
          <ul>
            {shares.slice(0, MOST).map(({ parameter, share }) => (
              <li key={parameter} data-parameter={parameter} data-share={share.toFixed(3)}>
                <div class="row">
                  <button
                    type="button"
                    class="link importance-name"
                    data-action="look-closer"
                    title={`Draw the values over ${oneLine(parameter)}`}
                    onClick={() => setView({ hue: parameter })}
                  >
                    {oneLine(parameter)}
                  </button>
                  <span class="importance-bar" aria-hidden="true">
                    <i style={{ width: `${Math.round(share * 100)}%` }} />
                  </span>
                  <span class="importance-share">{Math.round(share * 100)} %</span>
                </div>
              </li>
            ))}
          </ul>
          {told.best < STEADY && (
            <p class="muted tiny">
              Told from {told.best} best {told.best === 1 ? "trial" : "trials"} alone: it may still change.
            </p>
          )}
          <details class="muted tiny">
            <summary>
              The best {told.best} of {told.trials} trials
              {shares.length > MOST && `; the first ${MOST} of ${shares.length} parameters`} · how this is reckoned
            </summary>
            <p>
              PED-ANOVA: how the values of a parameter are spread among the best tenth of the trials, beside how they are spread among all.
              The shares add up to 100 %. They tell what it took to be among the best of these trials, and not what was never tried.
            </p>
          </details>
        </div>
      )}
    </Card>
  );
}
