/** How an axis of parallel coordinates is brushed, with the pointer or with keys. */
import { useRef } from "preact/hooks";
import { brushByKey } from "./brush.ts";
import type { Brush } from "./brush.ts";

const LEAST_BRUSH = 0.02;

interface GripHandlers {
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
  onPointerUp(event: PointerEvent): void;
  onPointerCancel(): void;
  onKeyDown(event: KeyboardEvent): void;
}

/** A drag marks a part of the axis; a press without a drag clears it. */
export function useGrip(brush: Brush, onBrush: (brush: Brush) => void): GripHandlers {
  const from = useRef<number | null>(null);
  const marked = (event: PointerEvent): Brush => {
    const [a, b] = [from.current ?? 0, heightAt(event)];
    return Math.abs(a - b) < LEAST_BRUSH ? null : [Math.min(a, b), Math.max(a, b)];
  };
  return {
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      from.current = heightAt(event);
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
    },
    onPointerMove: (event) => {
      if (from.current !== null) onBrush(marked(event));
    },
    onPointerUp: (event) => {
      if (from.current === null) return;
      onBrush(marked(event));
      from.current = null;
    },
    onPointerCancel: () => {
      from.current = null;
    },
    onKeyDown: (event) => {
      const next = brushByKey(brush, event.key, event.shiftKey);
      if (next === undefined) return;
      event.preventDefault();
      onBrush(next);
    },
  };
}

/** The height of the pointer on the axis, from 0 at the bottom to 1 at the top. */
function heightAt(event: PointerEvent): number {
  const { top, height } = (event.currentTarget as Element).getBoundingClientRect();
  return Math.max(0, Math.min(1, 1 - (event.clientY - top) / height));
}
