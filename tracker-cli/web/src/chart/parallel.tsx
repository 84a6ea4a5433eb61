import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { formatTick, formatValue, ticks } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import { axisRanges, heightOn, insideBrushes } from "./brush.ts";
import type { Brush } from "./brush.ts";
import "./small.css";
import type { ParallelAxis, ParallelLine, ParallelProps } from "./types.ts";

const AXIS_GAP = 150;
const HEIGHT = 280;
const MARGIN = { side: 80, top: 48, bottom: 16 };
const GRIP = 24;
const LEAST_BRUSH = 0.02;

/** Each run as a line over parallel axes. A drag along an axis keeps the runs inside; a click lets all back in. */
export function Parallel({ axes, lines, onBrush, onAxis }: ParallelProps): JSX.Element {
  const [brushes, setBrushes] = useState<Brush[]>([]);
  const ranges = axisRanges(axes, lines);
  const inside = insideBrushes(axes, lines, axes.map((_, index) => brushes[index] ?? null));
  const kept = inside && new Set(inside);
  const brush = (index: number, next: Brush): void => {
    const changed = axes.map((_, at) => (at === index ? next : (brushes[at] ?? null)));
    setBrushes(changed);
    onBrush?.(insideBrushes(axes, lines, changed));
  };
  const width = Math.max(1, axes.length - 1) * AXIS_GAP + 2 * MARGIN.side;
  return (
    <figure class="small-chart" data-parallel data-lines={lines.length} data-inside={inside?.length ?? lines.length}>
      <svg viewBox={`0 0 ${width} ${HEIGHT + MARGIN.top + MARGIN.bottom}`} role="img" aria-label="Parallel coordinates">
        <g transform={`translate(${MARGIN.side} ${MARGIN.top})`}>
          {lines.map((line) => <Line key={line.id} line={line} axes={axes} ranges={ranges} outside={kept !== null && !kept.has(line.id)} />)}
          {axes.map((axis, index) => (
            <Axis key={`${index} ${axis.label}`} axis={axis} index={index} range={ranges[index] as Range} brush={brushes[index] ?? null}
              onBrush={(next) => brush(index, next)} onAxis={(change) => { brush(index, null); onAxis?.(index, change); }} />
          ))}
        </g>
      </svg>
    </figure>
  );
}

interface LineProps {
  line: ParallelLine;
  axes: ParallelAxis[];
  ranges: Range[];
  outside: boolean;
}

/** The line breaks where a value is missing. */
function Line({ line, axes, ranges, outside }: LineProps): JSX.Element {
  let [path, connected] = ["", false];
  axes.forEach((axis, index) => {
    const height = heightOn(axis, ranges[index] as Range, line.values[index]);
    const drawable = Number.isFinite(height);
    if (drawable) path += `${connected ? "L" : "M"}${index * AXIS_GAP} ${(1 - height) * HEIGHT}`;
    connected = drawable;
  });
  const words = axes.map(({ label, categories }, index) => `${label} ${valueText(line.values[index], categories)}`);
  return (
    <path class={outside ? "parallel-line outside" : "parallel-line"} d={path} stroke={line.color} data-run={line.id}>
      <title>{[line.label, ...words].join("\n")}</title>
    </path>
  );
}

function valueText(value: number | null | undefined, categories: string[] | undefined): string {
  if (value === null || value === undefined) return "missing";
  return categories?.[value] ?? formatValue(value);
}

interface AxisProps {
  axis: ParallelAxis;
  index: number;
  range: Range;
  brush: Brush;
  onBrush(brush: Brush): void;
  onAxis(change: { log?: boolean; flip?: boolean }): void;
}

function Axis({ axis, index, range, brush, onBrush, onAxis }: AxisProps): JSX.Element {
  const grip = useBrush(onBrush);
  return (
    <g transform={`translate(${index * AXIS_GAP} 0)`}>
      <text class="parallel-label" y={-28} text-anchor="middle">{short(axis.label)}<title>{axis.label}</title></text>
      <Switch x={-18} text="flip" on={axis.flip} onToggle={() => onAxis({ flip: !axis.flip })} />
      {!axis.categories && <Switch x={18} text="log" on={axis.log} onToggle={() => onAxis({ log: !axis.log })} />}
      <line class="parallel-axis" y1={0} y2={HEIGHT} />
      <g class="small-axis"><Ticks axis={axis} range={range} /></g>
      {brush && <rect class="parallel-brush" x={-GRIP / 2} width={GRIP} y={(1 - brush[1]) * HEIGHT} height={(brush[1] - brush[0]) * HEIGHT} />}
      <rect class="parallel-grip" data-axis={index} x={-GRIP / 2} width={GRIP} y={0} height={HEIGHT} {...grip} />
    </g>
  );
}

function short(label: string): string {
  return label.length > 22 ? `…${label.slice(-21)}` : label;
}

function Ticks({ axis, range }: { axis: ParallelAxis; range: Range }): JSX.Element {
  const marks: [number, string][] = axis.categories
    ? axis.categories.map((word, at) => [at, short(word)])
    : ticks(range, 6, axis.log).map((tick) => [tick, formatTick(tick)]);
  return (
    <>
      {marks.map(([value, text]) => (
        <text key={value} x={8} y={(1 - heightOn(axis, range, value)) * HEIGHT + 4}>{text}</text>
      ))}
    </>
  );
}

interface SwitchProps {
  x: number;
  text: string;
  on: boolean;
  onToggle(): void;
}

function Switch({ x, text, on, onToggle }: SwitchProps): JSX.Element {
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter") onToggle();
  };
  return (
    <text class="parallel-switch" role="button" tabIndex={0} aria-pressed={on} x={x} y={-10} text-anchor="middle" onClick={onToggle} onKeyDown={press}>{text}</text>
  );
}

interface GripHandlers {
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
  onPointerUp(event: PointerEvent): void;
}

/** A drag marks a part of the axis; a press without a drag clears it. */
function useBrush(onBrush: (brush: Brush) => void): GripHandlers {
  const from = useRef<number | null>(null);
  const marked = (event: PointerEvent): Brush => {
    const [a, b] = [from.current ?? 0, heightAt(event)];
    return Math.abs(a - b) < LEAST_BRUSH ? null : [Math.min(a, b), Math.max(a, b)];
  };
  return {
    onPointerDown: (event) => {
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
  };
}

/** The height of the pointer on the axis, from 0 at the bottom to 1 at the top. */
function heightAt(event: PointerEvent): number {
  const { top, height } = (event.currentTarget as Element).getBoundingClientRect();
  return Math.max(0, Math.min(1, 1 - (event.clientY - top) / height));
}
