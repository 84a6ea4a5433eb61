import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";

const KEY = "tracker.rail";
const [LEAST, MOST] = [220, 640];
/** A wide screen has room for longer names. */
const USUAL = innerWidth < 1600 ? 288 : 360;

/** The list's width in pixels. It is a matter of this screen, so it is kept here and not in the address. */
const width = signal(kept());

/** The edge of the list of runs: dragged, or moved by the arrow keys, it makes room for long names. */
export function RailEdge(): JSX.Element {
  useEffect(() => show(width.value), []);
  const drag = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (event.buttons === 1 && event.currentTarget.hasPointerCapture(event.pointerId)) set(event.clientX);
  };
  const key = (event: KeyboardEvent): void => {
    const move = event.key === "ArrowRight" ? 16 : event.key === "ArrowLeft" ? -16 : 0;
    if (move !== 0 && !event.altKey) set(width.value + move);
  };
  return (
    <div
      class="rail-edge"
      role="separator"
      tabIndex={0}
      aria-label="Width of the list of runs"
      aria-orientation="vertical"
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuenow={width.value}
      title="Drag to make the list wider; double click for the usual width"
      onKeyDown={key}
      onDblClick={() => set(USUAL)}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
    />
  );
}

function set(wanted: number): void {
  width.value = Math.round(Math.min(Math.max(wanted, LEAST), MOST));
  show(width.value);
  try {
    localStorage.setItem(KEY, String(width.value));
  } catch {
    // A browser that keeps nothing for pages has the usual width after a reload.
  }
}

function show(pixels: number): void {
  document.documentElement.style.setProperty("--rail", `${pixels}px`);
}

function kept(): number {
  try {
    const pixels = Number(localStorage.getItem(KEY));
    return pixels >= LEAST && pixels <= MOST ? pixels : USUAL;
  } catch {
    return USUAL;
  }
}
