/** The lines of parallel coordinates: thousands of them, on a canvas. */
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import { formatNumber } from "../model/format.ts";
import { DASHES } from "../model/palette.ts";
import type { Range } from "../model/scale.ts";
import { heightOn } from "./brush.ts";
import { CanvasLayer, LitLayer, placed } from "./canvas_layer.tsx";
import { theme } from "./theme.ts";
import { hideTooltip, showWords } from "./tooltip.ts";
import type { ParallelAxis, ParallelLine, ParallelProps } from "./types.ts";

/** Lengths in CSS pixels. */
export const HEIGHT = 280;
export const MARGIN = { side: 96, top: 48, bottom: 16 };
const REACH = 10;

/** Where a line goes: its distance from the top on each axis, NaN where it has no value. */
interface Way {
  line: ParallelLine;
  tops: number[];
  outside: boolean;
  gap: number;
}

export function waysOf(
  axes: readonly ParallelAxis[],
  lines: readonly ParallelLine[],
  ranges: readonly Range[],
  inside: ReadonlySet<string> | null,
  gap: number,
): Way[] {
  return lines.map((line) => ({
    line,
    tops: axes.map((axis, index) => (1 - heightOn(axis, ranges[index] as Range, line.values[index])) * HEIGHT),
    outside: inside !== null && !inside.has(line.id),
    gap,
  }));
}

interface WaysProps extends Pick<ParallelProps, "axes" | "lit" | "tell" | "onPick"> {
  ways: readonly Way[];
  width: number;
  gap: number;
}

/** All lines, the one under the pointer over them, and what it says. */
export function Ways({ ways, axes, width, lit, tell, onPick }: WaysProps): JSX.Element {
  const frame = { width: width + 2 * MARGIN.side, height: HEIGHT + MARGIN.top + MARGIN.bottom };
  const layer = { left: MARGIN.side - REACH, top: MARGIN.top - REACH, width: width + 2 * REACH, height: HEIGHT + 2 * REACH, frame };
  const paint = useCallback((context: CanvasRenderingContext2D) => paintWays(context, ways), [ways]);
  const byId = useMemo(() => new Map(ways.map((way) => [way.line.id, way])), [ways]);
  const paintLit = useCallback((context: CanvasRenderingContext2D, id: string) => paintLitWay(context, byId.get(id)), [byId]);
  const leave = (): void => {
    hideTooltip();
    lit.value = null;
  };
  useEffect(() => leave, []);
  const move = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const corner = event.currentTarget.getBoundingClientRect();
    const found = nearest(ways, event.clientX - corner.left - REACH, event.clientY - corner.top - REACH);
    lit.value = found?.line.id ?? null;
    if (found) showWords([...wordsOf(found.line, axes), ...(tell?.(found.line.id) ?? [])], { left: event.clientX, top: event.clientY });
    else hideTooltip();
  };
  return (
    <>
      <CanvasLayer {...layer} paint={paint} />
      <LitLayer {...layer} lit={lit} paint={paintLit} />
      <div
        class="small-pointed"
        style={placed(layer)}
        aria-hidden="true"
        onPointerMove={move}
        onPointerLeave={leave}
        onClick={() => lit.value !== null && onPick?.(lit.value)}
      />
    </>
  );
}

function wordsOf({ label, values }: ParallelLine, axes: readonly ParallelAxis[]): string[] {
  return [label, ...axes.map((axis, index) => `${axis.label} ${valueText(values[index], axis)}`)];
}

function valueText(value: number | null | undefined, { categories, unit }: ParallelAxis): string {
  if (value === null || value === undefined) return "missing";
  return categories?.[value] ?? formatNumber(value, unit);
}

/** More lines than these hide each other, and their dashes. */
const MANY = 300;

/** Those outside lie below the others. */
function paintWays(context: CanvasRenderingContext2D, ways: readonly Way[]): void {
  context.translate(REACH, REACH);
  context.lineJoin = "round";
  const isMany = ways.length > MANY;
  context.lineWidth = isMany ? 1 : 1.5;
  context.globalAlpha = isMany ? 0.12 : 0.4;
  context.strokeStyle = theme().line;
  for (const way of ways) if (way.outside) strokeWay(context, way, 0);
  context.globalAlpha = isMany ? 0.4 : 0.75;
  for (const way of ways) {
    if (way.outside) continue;
    context.strokeStyle = way.line.color;
    strokeWay(context, way, isMany ? 0 : way.line.dash);
  }
}

function paintLitWay(context: CanvasRenderingContext2D, way: Way | undefined): void {
  if (!way) return;
  context.translate(REACH, REACH);
  context.lineJoin = "round";
  for (const [color, width] of [
    [theme().surface, 6],
    [way.line.color, 3],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    strokeWay(context, way, 0);
  }
}

/** The line breaks where a value is missing. */
function strokeWay(context: CanvasRenderingContext2D, { tops, gap }: Way, dash: number): void {
  context.setLineDash([...(DASHES[dash] ?? [])]);
  context.beginPath();
  let connected = false;
  tops.forEach((top, index) => {
    const drawable = Number.isFinite(top);
    if (drawable && connected) context.lineTo(index * gap, top);
    else if (drawable) context.moveTo(index * gap, top);
    connected = drawable;
  });
  context.stroke();
}

/** The line that is nearest below or above a place, of those inside. */
function nearest(ways: readonly Way[], left: number, top: number): Way | undefined {
  let [found, least]: [Way | undefined, number] = [undefined, REACH];
  for (const way of ways) {
    if (way.outside) continue;
    const at = Math.max(0, Math.min(way.tops.length - 1, left / way.gap));
    const [from, part] = [Math.floor(at), at - Math.floor(at)];
    const [a, b] = [way.tops[from] ?? NaN, way.tops[from + 1] ?? NaN];
    const far = Math.abs((part === 0 ? a : a + (b - a) * part) - top);
    if (far <= least) [found, least] = [way, far];
  }
  return found;
}
