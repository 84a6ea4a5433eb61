/** Canvases over the axes of small charts: thousands of marks cost one element. */
import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export interface LayerProps {
  /** Where it lies within its frame, and how large it is, in CSS pixels. */
  left: number;
  top: number;
  width: number;
  height: number;
  /** The size of the frame. */
  frame: { width: number; height: number };
}

/** Painted again where its size or `paint` is another. */
export function CanvasLayer({ paint, ...box }: LayerProps & { paint(context: CanvasRenderingContext2D): void }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = cleared(canvas.current, box);
    if (context) paint(context);
  }, [paint, box.width, box.height]);
  return <canvas ref={canvas} class="small-canvas" style={placed(box)} aria-hidden="true" />;
}

/** What stands out: painted for itself, so that moving from mark to mark paints one of them. */
export function LitLayer({
  lit,
  paint,
  ...box
}: LayerProps & { lit: ReadonlySignal<string | null>; paint(context: CanvasRenderingContext2D, id: string): void }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(
    () =>
      effect(() => {
        const context = cleared(canvas.current, box);
        if (context && lit.value !== null) paint(context, lit.value);
      }),
    [lit, paint, box.width, box.height],
  );
  return <canvas ref={canvas} class="small-canvas" style={placed(box)} aria-hidden="true" />;
}

/** The empty canvas in the resolution of the screen; its units are CSS pixels. */
function cleared(canvas: HTMLCanvasElement | null, { width, height }: LayerProps): CanvasRenderingContext2D | null {
  if (!canvas) return null;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context?.scale(ratio, ratio);
  return context;
}

/** By shares of the frame, so that it lies right where the frame is drawn at another size, as on paper. */
export function placed({ left, top, width, height, frame }: LayerProps): Record<string, string> {
  const share = (length: number, of: number): string => `${(length / of) * 100}%`;
  return {
    left: share(left, frame.width),
    top: share(top, frame.height),
    width: share(width, frame.width),
    height: share(height, frame.height),
  };
}
