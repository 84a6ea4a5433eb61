import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { titleOf } from "../model/column.ts";
import type { ColumnId } from "../model/column.ts";
import { importanceOf, LEAST_FOR_PAIRS } from "../model/importance.ts";
import type { SettingImportance } from "../model/importance.ts";
import { oneLine } from "../model/safe_text.ts";
import type { Results } from "./results_data.ts";

interface ImportanceProps {
  results: Results;
  /** Takes a setting to look at more closely. */
  onChoose?(column: ColumnId): void;
}

/** Settings that say less are found in the table. */
const MOST = 12;

/** How much of the result hangs on which setting. */
export function ResultsImportance({ results, onChoose }: ImportanceProps): JSX.Element {
  const { runs, varying, up } = results;
  const told = useMemo(() => (up ? importanceOf(runs, varying, up) : null), [runs, varying, up]);
  if (!told || told.kind === "none")
    return (
      <p class="muted" data-importance="none">
        {told ? told.why : "No run has a result that is a number."}
      </p>
    );
  return (
    <div class="importance" data-importance={told.settings.length}>
      <ul>
        {told.settings.slice(0, MOST).map((setting) => (
          <Row key={setting.column} setting={setting} onChoose={onChoose} />
        ))}
      </ul>
      <details class="muted tiny">
        <summary>
          {told.runs} runs{told.leftOut > 0 && `, ${told.leftOut} without a finite result left out`}
          {told.settings.length > MOST && `; the first ${MOST} of ${told.settings.length} settings`} · how this is reckoned
        </summary>
        <p>
          The share of the differences in rank that lies between runs of other values of a setting, less what chance explains: η² of Kruskal
          and Wallis’ test. ↗ ↘: the rank correlation. “With”: what two settings do only together
          {!told.hasPairs && `, told from ${LEAST_FOR_PAIRS} runs on`}. Shares do not add up to 100 %, and what was never tried, or varied
          along with a setting, they cannot know.
        </p>
      </details>
    </div>
  );
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function Row({ setting, onChoose }: { setting: SettingImportance; onChoose: ImportanceProps["onChoose"] }): JSX.Element {
  const { column, share, isChance, correlation, alike, together } = setting;
  const name = oneLine(titleOf(column));
  return (
    <li data-setting={titleOf(column)} data-share={share.toFixed(3)} data-chance={isChance}>
      <div class="row">
        {onChoose ? (
          <button
            type="button"
            class="link importance-name"
            data-action="look-closer"
            title={`Draw the result over ${name}`}
            onClick={() => onChoose(column)}
          >
            {name}
          </button>
        ) : (
          <span class="importance-name">{name}</span>
        )}
        <span class="importance-bar" aria-hidden="true">
          <i class={isChance ? "chance" : ""} style={{ width: `${Math.round(share * 100)}%` }} />
        </span>
        <span class="importance-share">{percent(share)}</span>
        <span class="importance-way muted tiny">
          {isChance && <span title="As much may come about by chance">chance?</span>}
          {correlation !== null &&
            !isChance &&
            Number.isFinite(correlation) &&
            `${correlation < 0 ? "↘" : "↗"} ${Math.abs(correlation).toFixed(2)}`}
        </span>
      </div>
      {(alike.length > 0 || together.length > 0) && <p class="muted tiny">{notesOf(setting)}</p>}
    </li>
  );
}

/** What must be said beside the share. */
function notesOf({ alike, together }: SettingImportance): string {
  const names = (columns: readonly ColumnId[]): string =>
    columns
      .slice(0, 2)
      .map((column) => oneLine(titleOf(column)))
      .join(", ") + (columns.length > 2 ? ` and ${columns.length - 2} more` : "");
  const pair = together[0];
  return [
    alike.length > 0 && `varies together with ${names(alike)}: cannot be told apart`,
    pair && `with ${oneLine(titleOf(pair.column))} ${percent(pair.share)} more`,
  ]
    .filter(Boolean)
    .join("; ");
}
