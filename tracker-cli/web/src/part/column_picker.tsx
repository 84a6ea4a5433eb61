import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { setView } from "../data/route.ts";
import { titleOf } from "../model/column.ts";
import type { ColumnId } from "../model/column.ts";
import { oneLine } from "../model/safe_text.ts";
import { useClosing } from "./use_closing.ts";

interface ColumnPickerProps {
  all: readonly ColumnId[];
  chosen: readonly ColumnId[];
  /** The columns are those that the table opens with. */
  usual: boolean;
  /** What is chosen, where it is not columns of a table. */
  title?: string;
  /** Takes the columns, none for the usual ones; left out, they are those of the page's table. */
  onChoose?(columns: ColumnId[]): void;
}

const ofTable = (columns: ColumnId[]): void => setView({ columns });

/** Chooses the table's columns. The name always stays. */
export function ColumnPicker({ all, chosen, usual, title = "Columns", onChoose = ofTable }: ColumnPickerProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const details = useClosing();
  const ticked = new Set(chosen);
  const found = all.filter((column) => column !== "name" && longTitle(column).toLowerCase().includes(typed.toLowerCase()));
  const turn = (column: ColumnId): void => onChoose(ticked.has(column) ? chosen.filter((each) => each !== column) : [...chosen, column]);
  return (
    <details ref={details} class="picker">
      <summary class="button" data-action="columns">
        {title}{" "}
        <span class="muted tiny">
          {chosen.length} of {all.length}
        </span>
      </summary>
      <div class="picker-box card">
        <input
          type="text"
          aria-label="Find a column"
          placeholder="Find a column"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <ul>
          {found.slice(0, 200).map((column) => (
            <li key={column}>
              <label class="row">
                <input type="checkbox" checked={ticked.has(column)} onChange={() => turn(column)} />
                <span class="clip" title={column}>
                  {oneLine(longTitle(column))}
                </span>
              </label>
            </li>
          ))}
          {found.length === 0 && <li class="muted">No column has these letters.</li>}
        </ul>
        {!usual && (
          <button type="button" class="button" data-action="reset-columns" onClick={() => onChoose([])}>
            Reset
          </button>
        )}
      </div>
    </details>
  );
}

/** In a list of all columns the kind of each is said too. */
function longTitle(column: ColumnId): string {
  return column.includes(":") ? column : titleOf(column);
}
