import type { JSX } from "preact";

interface RowPagesProps {
  /** The first row that is shown, from 0, and how many are. */
  from: number;
  shown: number;
  /** How many rows a page has, and all pages together. */
  page: number;
  of: number;
  /** What is said of all of them. */
  words: string;
  onGo(from: number): void;
}

/** Which rows of a table are shown, and the way to those before and after. */
export function RowPages({ from, shown, page, of, words, onGo }: RowPagesProps): JSX.Element {
  const last = from + shown;
  return (
    <span class="row muted tiny">
      <button
        type="button"
        class="button small"
        aria-label="Rows before"
        data-action="rows-before"
        disabled={from === 0}
        onClick={() => onGo(Math.max(0, from - page))}
      >
        ‹
      </button>
      <span data-text="rows">
        {shown === 0 ? 0 : from + 1}–{last} of {words}
      </span>
      <button
        type="button"
        class="button small"
        aria-label="Rows after"
        data-action="rows-after"
        disabled={last >= of}
        onClick={() => onGo(from + page)}
      >
        ›
      </button>
    </span>
  );
}
