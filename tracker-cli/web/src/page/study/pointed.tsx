import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { placed } from "../../chart/canvas_layer.tsx";
import { hideTooltip, showWords } from "../../chart/tooltip.ts";
import { litTrial } from "./use_study.ts";

interface PointedProps<Shown> {
  layer: Parameters<typeof placed>[0];
  /** What is nearest to a place of the layer, if anything is near. */
  nearest(left: number, top: number): Shown | null | undefined;
  idOf(shown: Shown): string;
  words(shown: Shown): string[];
  onPick(id: string): void;
}

/** The trial under the pointer. By keys, trials are reached in the table and in the picture of their values. */
export function Pointed<Shown>({ layer, nearest, idOf, words, onPick }: PointedProps<Shown>): JSX.Element {
  const leave = (): void => {
    hideTooltip();
    litTrial.value = null;
  };
  useEffect(() => leave, []);
  const move = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const corner = event.currentTarget.getBoundingClientRect();
    const found = nearest(event.clientX - corner.left, event.clientY - corner.top);
    litTrial.value = found ? idOf(found) : null;
    if (found) showWords(words(found), { left: event.clientX, top: event.clientY });
    else hideTooltip();
  };
  return (
    <div
      class="small-pointed"
      style={placed(layer)}
      aria-hidden="true"
      onPointerMove={move}
      onPointerLeave={leave}
      onClick={() => litTrial.value !== null && onPick(litTrial.value)}
    />
  );
}
