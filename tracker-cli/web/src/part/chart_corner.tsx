import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { resized, sizeAfter, USUAL_SIZE } from "../model/chart_size.ts";
import type { ChartSize } from "../model/chart_size.ts";

interface ChartCornerProps {
  title: string;
  /** As it is drawn now: in columns and pixels. */
  size: ChartSize;
  /** As somebody has chosen it. */
  own: ChartSize;
  /** Shows a size while it is dragged; null ends that. */
  onTry(size: ChartSize | null): void;
  onSize(size: ChartSize): void;
}

interface Start {
  x: number;
  y: number;
  /** The width of one column in pixels. */
  column: number;
  size: ChartSize;
}

/** The corner that a chart is made larger by: dragged, or with the arrow keys; a double click gives the usual size back. */
export function ChartCorner({ title, size, own, onTry, onSize }: ChartCornerProps): JSX.Element {
  const start = useRef<Start | null>(null);
  const tried = useRef<ChartSize | null>(null);
  const move = (event: PointerEvent): void => {
    if (!start.current) return;
    const { x, y, column, size: before } = start.current;
    tried.current = sizeAfter(own, before, before.columns + (event.clientX - x) / column, before.height + event.clientY - y);
    onTry(tried.current);
  };
  const end = (): void => {
    const next = tried.current;
    start.current = tried.current = null;
    onTry(null);
    if (next) onSize(next);
  };
  const key = (event: KeyboardEvent): void => {
    const next = event.altKey || event.ctrlKey || event.metaKey ? null : resized(own, size, event.key);
    if (!next) return;
    event.preventDefault();
    onSize(next);
  };
  return (
    <button
      type="button"
      class="chart-corner"
      data-action="resize"
      title="Drag to resize, or use the arrow keys; double click for the usual size"
      aria-label={`Size of ${title}: columns ${size.columns}, pixels ${size.height}`}
      onKeyDown={key}
      onDblClick={() => onSize(USUAL_SIZE)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        const width = event.currentTarget.parentElement?.getBoundingClientRect().width ?? 1;
        start.current = { x: event.clientX, y: event.clientY, column: width / size.columns, size };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={() => {
        tried.current = null;
        end();
      }}
    >
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
        <path d="M9 2 2 9M9 6 6 9" />
      </svg>
    </button>
  );
}
