import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { fileName, save } from "../chart/export.ts";
import { api, asApiError } from "../data/api.ts";
import { setView, view } from "../data/route.ts";
import { definitions } from "../data/state.ts";
import type { RunGroups, Run } from "../data/types.ts";
import { columnsOf, titleOf } from "../model/column.ts";
import { oneLine } from "../model/safe_text.ts";
import { ColumnOptions } from "./column_options.tsx";

interface GroupToolsProps {
  all: readonly Run[];
  by: string;
  groups: RunGroups | null;
  /** The page lets somebody choose elsewhere what runs are grouped by. */
  isGrouped?: boolean;
}

/** How groups are made and judged. */
export function GroupTools({ all, by, groups, isGrouped = false }: GroupToolsProps): JSX.Element {
  const settings = columnsOf(all, definitions.value).filter((column) => column.startsWith("config:"));
  const { at, judge, pair, picks } = view.value;
  const metrics = groups?.metrics ?? [];
  const shown = groups?.metric?.name ?? judge;
  return (
    <div class="row group-tools">
      {!isGrouped && (
        <Choice action="groups-by" label="Groups by" value={by} onChoose={(groupBy) => setView({ groupBy, grouped: true, picks: [] })}>
          <ColumnOptions columns={["group", "tag", ...settings]} />
          {!["group", "tag", ...settings].includes(by) && <option value={by}>{oneLine(titleOf(by))}</option>}
        </Choice>
      )}
      <Choice action="judge" label="judged by" value={shown} onChoose={(metric) => setView({ judge: metric })}>
        {metrics.slice(0, MOST).map((metric) => (
          <option key={metric} value={metric}>
            {oneLine(metric)}
          </option>
        ))}
        {!metrics.slice(0, MOST).includes(shown) && <option value={shown}>{shown === "" ? "what tells most" : oneLine(shown)}</option>}
      </Choice>
      <At value={at} />
      <Choice action="pair" label="paired by" value={pair} onChoose={(path) => setView({ pair: path })}>
        <option value="">seeds</option>
        {settings.slice(0, MOST).map((column) => (
          <option key={column} value={titleOf(column)}>
            {oneLine(titleOf(column))}
          </option>
        ))}
      </Choice>
      {picks.length > 0 && (
        <button type="button" class="button small" data-action="unpick" onClick={() => setView({ picks: [] })}>
          Compare all
        </button>
      )}
    </div>
  );
}

/** Nobody scrolls through more. */
const MOST = 200;

interface ChoiceProps {
  action: string;
  label: string;
  value: string;
  onChoose(value: string): void;
  children: JSX.Element | (JSX.Element | JSX.Element[] | false)[];
}

function Choice({ action, label, value, onChoose, children }: ChoiceProps): JSX.Element {
  return (
    <label class="field">
      {label}
      <select data-action={action} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {children}
      </select>
    </label>
  );
}

/** Which value of a run counts. A step is typed. */
function At({ value }: { value: string }): JSX.Element {
  const [typing, setTyping] = useState(false);
  const isStep = value !== "best" && value !== "last";
  const choose = (word: string): void => {
    setTyping(word === "step");
    if (word !== "step") setView({ at: word });
  };
  return (
    <label class="field">
      at
      <select data-action="at" value={isStep || typing ? "step" : value} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="best">best</option>
        <option value="last">last</option>
        <option value="step">step</option>
      </select>
      {(isStep || typing) && (
        <input
          type="text"
          inputMode="numeric"
          pattern="[0-9]+"
          class="step-input"
          data-action="at-step"
          aria-label="The step"
          value={isStep ? value : ""}
          onChange={(event) => /^\d+$/.test(event.currentTarget.value) && setView({ at: event.currentTarget.value })}
        />
      )}
    </label>
  );
}

const FORMATS = [
  { format: "latex", title: "LaTeX", extension: "tex" },
  { format: "markdown", title: "Markdown", extension: "md" },
  { format: "csv", title: "CSV", extension: "csv" },
] as const;

/** The table of the groups for a paper or a spreadsheet, as `tracker compare --table` prints it. */
export function GroupTables({ question }: { question: string }): JSX.Element {
  const [said, say] = useState("");
  const take = async ({ format, title, extension }: (typeof FORMATS)[number], isCopy: boolean): Promise<void> => {
    try {
      const { text } = await api.groupTable(question, format);
      const isCopied = isCopy && (await copied(text));
      if (!isCopied) save(new Blob([text], { type: "text/plain" }), fileName("groups", extension));
      say(isCopied ? `${title} copied` : `${title} saved`);
    } catch (thrown) {
      say(asApiError(thrown).message);
    }
  };
  return (
    <div class="row group-tools">
      {([true, false] as const).map((isCopy) => (
        <span key={String(isCopy)} class="row" role="group" aria-label={isCopy ? "Copy the table" : "Save the table"}>
          <span class="muted tiny">{isCopy ? "copy table" : "save"}</span>
          {FORMATS.map((each) => (
            <button
              key={each.format}
              type="button"
              class="button small"
              data-action={`${isCopy ? "copy" : "save"}-${each.format}`}
              onClick={() => void take(each, isCopy)}
            >
              {each.title}
            </button>
          ))}
        </span>
      ))}
      <span class="muted tiny" role="status" data-said={said}>
        {said}
      </span>
    </div>
  );
}

/** Where a browser lets nothing be copied, as over HTTP from another machine, the text is saved. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
