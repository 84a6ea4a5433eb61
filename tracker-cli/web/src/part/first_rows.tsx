import type { JSX } from "preact";
import { useState } from "preact/hooks";

/** Thousands of rows take long to draw, and few people read them. */
const FIRST = 500;

interface FirstRows<Row> {
  shown: readonly Row[];
  /** Says how many rows are left out, and draws them; null where none are. */
  rest: JSX.Element | null;
}

/** The first of many rows, and the way to the others. */
export function useFirstRows<Row>(rows: readonly Row[], first = FIRST): FirstRows<Row> {
  const [all, setAll] = useState(false);
  const left = rows.length - first;
  if (all || left <= 0) return { shown: rows, rest: null };
  const rest = (
    <p>
      <span class="muted">{left} more are not shown.</span>{" "}
      <button type="button" class="button" data-action="show-all" onClick={() => setAll(true)}>
        Show all {rows.length}
      </button>
    </p>
  );
  return { shown: rows.slice(0, first), rest };
}
