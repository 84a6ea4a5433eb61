import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { PINNED } from "./board_groups.ts";

/** Where a chart is that is being dragged: over which group, and before which chart of it; null is its end. */
export interface DropPlace {
  group: string;
  before: string | null;
  /** The chart under the pointer, and at which side of it the other would stand. */
  mark: string | null;
  after: boolean;
}

interface Dragging {
  key: string;
  place: DropPlace | null;
}

/** The chart that is being dragged, if any. */
export const dragging = signal<Dragging | null>(null);

/** A click that shakes is no drag. */
const SHAKE = 6;
/** Near the window's edge, the page scrolls. */
const EDGE = 56;
const SCROLL = 16;

interface ChartGripProps {
  /** The key of the chart's choice. */
  id: string;
  title: string;
  onStep(by: -1 | 1): void;
  onDrop(place: DropPlace): void;
}

/** The handle that a chart is moved by: dragged, or with the arrow keys. */
export function ChartGrip({ id, title, onStep, onDrop }: ChartGripProps): JSX.Element {
  const start = useRef<{ x: number; y: number } | null>(null);
  const end = (): void => {
    start.current = null;
    dragging.value = null;
  };
  const move = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (!start.current) return;
    const far = Math.hypot(event.clientX - start.current.x, event.clientY - start.current.y) > SHAKE;
    if (!dragging.value && !far) return;
    if (event.clientY < EDGE * 2) scrollBy(0, -SCROLL);
    if (event.clientY > innerHeight - EDGE) scrollBy(0, SCROLL);
    dragging.value = { key: id, place: placeAt(event.clientX, event.clientY, event.currentTarget) };
  };
  const drop = (): void => {
    const place = dragging.value?.place;
    end();
    if (place) onDrop(place);
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") end();
    const by = STEPS[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onStep(by);
  };
  return (
    <button
      type="button"
      class="chart-grip"
      data-action="move"
      data-grip={id}
      title="Drag to move, or use the arrow keys"
      aria-label={`Move ${title}`}
      onKeyDown={key}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        start.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={drop}
      onPointerCancel={end}
    >
      <svg viewBox="0 0 8 12" width="8" height="12" aria-hidden="true">
        {[2, 6, 10].map((y) => (
          <path key={y} d={`M2 ${y}h.01M6 ${y}h.01`} />
        ))}
      </svg>
    </button>
  );
}

const STEPS: Record<string, -1 | 1> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** The place under the pointer; null where no chart can stand. */
function placeAt(x: number, y: number, grip: HTMLElement): DropPlace | null {
  const under = document.elementFromPoint(x, y);
  const [group, from] = [groupOf(under), groupOf(grip)];
  if (group === undefined || (![group, from].includes(PINNED) && group !== from)) return null;
  const chart = under?.closest<HTMLElement>("[data-place]");
  const mark = chart?.dataset["place"] ?? null;
  if (!chart || mark === null) return { group, before: null, mark: null, after: false };
  if (mark === grip.dataset["grip"]) return null;
  const { left, width } = chart.getBoundingClientRect();
  const after = x > left + width / 2;
  const next = chart.nextElementSibling instanceof HTMLElement ? (chart.nextElementSibling.dataset["place"] ?? null) : null;
  return { group, before: after ? next : mark, mark, after };
}

function groupOf(element: Element | null): string | undefined {
  return element?.closest<HTMLElement>("[data-group-of-charts]")?.dataset["groupOfCharts"];
}

/** Gives the focus back to a chart's handle, which its move has taken away. */
export function focusGrip(key: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-grip="${CSS.escape(key)}"]`)?.focus());
}
