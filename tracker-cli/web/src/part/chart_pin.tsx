import type { JSX } from "preact";

/** Puts a chart into the row on top, or back to its section. */
export function ChartPin({ title, pinned, onTurn }: { title: string; pinned: boolean; onTurn(): void }): JSX.Element {
  return (
    <button
      type="button"
      class="chart-pin"
      data-action="pin"
      title={pinned ? "Back to its section" : "Pin: to the top of the page"}
      aria-label={`Pin ${title}`}
      aria-pressed={pinned}
      onClick={onTurn}
    >
      <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
        <path d="M5.5 2h5l-.7 4.2L12 8.6V10H4V8.6l2.2-2.4zM8 10v4.5" />
      </svg>
    </button>
  );
}
