import type { JSX } from "preact";
import { titleOf } from "../model/column.ts";
import type { ColumnId } from "../model/column.ts";
import { oneLine } from "../model/safe_text.ts";

const KINDS: readonly [prefix: string, title: string][] = [
  ["summary:", "Results"],
  ["config:", "Settings"],
];

/** Columns to choose from: a run's own first, then results and settings under their headings. */
export function ColumnOptions({ columns }: { columns: readonly ColumnId[] }): JSX.Element {
  const own = columns.filter((column) => !KINDS.some(([prefix]) => column.startsWith(prefix)));
  return (
    <>
      <Options columns={own} />
      {KINDS.map(([prefix, title]) => {
        const of = columns.filter((column) => column.startsWith(prefix));
        return (
          of.length > 0 && (
            <optgroup key={prefix} label={title}>
              <Options columns={of} />
            </optgroup>
          )
        );
      })}
    </>
  );
}

/** Nobody scrolls through more. */
const MOST = 200;

function Options({ columns }: { columns: readonly ColumnId[] }): JSX.Element {
  return (
    <>
      {columns.slice(0, MOST).map((column) => (
        <option key={column} value={column}>
          {oneLine(titleOf(column))}
        </option>
      ))}
      {columns.length > MOST && (
        <option key="more" disabled>
          {columns.length - MOST} more: choose them as columns of the table
        </option>
      )}
    </>
  );
}
