import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { formatTick, ticks } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import { labelOf } from "./axis_marks.ts";
import { axisRanges, heightOn, insideBrushes } from "./brush.ts";
import type { Brush } from "./brush.ts";
import { DrawnOf } from "./drawn_of.tsx";
import { useGrip } from "./grip.ts";
import { HEIGHT, MARGIN, Ways, waysOf } from "./parallel_ways.tsx";
import "./small.css";
import type { ParallelAxis, ParallelProps } from "./types.ts";
import { useWidth } from "./use_width.ts";

/** Lengths in CSS pixels. */
const GRIP = 24;
/** Axes share the frame's width within these bounds; where they need more, it scrolls. */
const GAP = { least: 120, most: 320 };
const LETTER = 7;

/**
 * Each run as a line over parallel axes. A drag along an axis, or its arrow keys, keep the runs inside; a
 * click or Escape lets all back in.
 */
export function Parallel({ axes, lines, of, lit, noun = "run", tell, onPick, onBrush, onAxis }: ParallelProps): JSX.Element {
  const frame = useRef<HTMLElement>(null);
  const gaps = Math.max(1, axes.length - 1);
  const gap = Math.max(GAP.least, Math.min(GAP.most, Math.floor((useWidth(frame, 960) - 2 * MARGIN.side) / gaps)));
  const [brushes, setBrushes] = useState<Brush[]>([]);
  const ranges = useMemo(() => axisRanges(axes, lines), [axes, lines]);
  const inside = useMemo(
    () =>
      insideBrushes(
        axes,
        lines,
        axes.map((_, index) => brushes[index] ?? null),
      ),
    [axes, lines, brushes],
  );
  const ways = useMemo(() => waysOf(axes, lines, ranges, inside && new Set(inside), gap), [axes, lines, ranges, inside, gap]);
  const brush = (index: number, next: Brush): void => {
    const changed = axes.map((_, at) => (at === index ? next : (brushes[at] ?? null)));
    setBrushes(changed);
    onBrush?.(insideBrushes(axes, lines, changed));
  };
  const [width, height] = [gaps * gap + 2 * MARGIN.side, HEIGHT + MARGIN.top + MARGIN.bottom];
  return (
    <figure ref={frame} class="small-chart parallel" data-parallel data-lines={lines.length} data-inside={inside?.length ?? lines.length}>
      <div class="small-frame" style={{ width: `${width}px` }}>
        <Ways ways={ways} axes={axes} width={gaps * gap} gap={gap} lit={lit} tell={tell} onPick={onPick} />
        <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label="Parallel coordinates">
          <g transform={`translate(${MARGIN.side} ${MARGIN.top})`}>
            {axes.map((axis, index) => (
              <Axis
                key={`${index} ${axis.label}`}
                axis={axis}
                noun={noun}
                index={index}
                gap={gap}
                range={ranges[index] as Range}
                brush={brushes[index] ?? null}
                onBrush={(next) => brush(index, next)}
                onAxis={(change) => {
                  brush(index, null);
                  onAxis?.(index, change);
                }}
              />
            ))}
          </g>
        </svg>
      </div>
      <DrawnOf drawn={lines.length} given={lines.length} of={of} noun={noun} missing="" />
    </figure>
  );
}

interface AxisProps {
  axis: ParallelAxis;
  noun: string;
  index: number;
  gap: number;
  range: Range;
  brush: Brush;
  onBrush(brush: Brush): void;
  onAxis(change: { log?: boolean; flip?: boolean }): void;
}

function Axis({ axis, noun, index, gap, range, brush, onBrush, onAxis }: AxisProps): JSX.Element {
  const grip = useGrip(brush, onBrush);
  const letters = Math.floor(Math.min(gap, 2 * MARGIN.side) / LETTER);
  const label = labelOf(axis);
  return (
    <g transform={`translate(${index * gap} 0)`}>
      <text class="parallel-label" y={-28} text-anchor="middle">
        {short(label, letters)}
        <title>{label}</title>
      </text>
      <Switch x={-18} text="flip" axis={axis.label} on={axis.flip} onToggle={() => onAxis({ flip: !axis.flip })} />
      {!axis.categories && <Switch x={18} text="log" axis={axis.label} on={axis.log} onToggle={() => onAxis({ log: !axis.log })} />}
      <line class="parallel-axis" y1={0} y2={HEIGHT} />
      <g class="small-axis">
        <Ticks axis={axis} range={range} letters={letters} />
      </g>
      {brush && (
        <rect class="parallel-brush" x={-GRIP / 2} width={GRIP} y={(1 - brush[1]) * HEIGHT} height={(brush[1] - brush[0]) * HEIGHT} />
      )}
      <rect
        class="parallel-grip"
        data-axis={index}
        x={-GRIP / 2}
        width={GRIP}
        y={0}
        height={HEIGHT}
        tabindex={0}
        role="slider"
        aria-orientation="vertical"
        aria-label={`Keep ${noun}s by ${axis.label}: arrows move the part, with Shift they make it smaller, Escape clears it`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={brush ? Math.round(50 * (brush[0] + brush[1])) : 50}
        aria-valuetext={brushWords(brush, noun)}
        {...grip}
      />
    </g>
  );
}

function brushWords(brush: Brush, noun: string): string {
  return brush ? `from ${Math.round(100 * brush[0])} % to ${Math.round(100 * brush[1])} % of the axis` : `all ${noun}s`;
}

/** The end of a long label: paths differ there. */
function short(label: string, letters: number): string {
  return label.length > letters ? `…${label.slice(1 - letters)}` : label;
}

function Ticks({ axis, range, letters }: { axis: ParallelAxis; range: Range; letters: number }): JSX.Element {
  const marks: [number, string][] = axis.categories
    ? axis.categories.map((word, at) => [at, short(word, letters - 3)])
    : ticks(range, 6, axis.log).map((tick) => [tick, formatTick(tick, axis.unit)]);
  return (
    <>
      {marks.map(([value, text]) => (
        <text key={value} x={8} y={(1 - heightOn(axis, range, value)) * HEIGHT + 4}>
          {text}
        </text>
      ))}
    </>
  );
}

interface SwitchProps {
  x: number;
  text: string;
  axis: string;
  on: boolean;
  onToggle(): void;
}

function Switch({ x, text, axis, on, onToggle }: SwitchProps): JSX.Element {
  const press = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onToggle();
  };
  return (
    <text
      class="parallel-switch"
      role="button"
      aria-label={`${text} ${axis}`}
      tabindex={0}
      aria-pressed={on}
      x={x}
      y={-10}
      text-anchor="middle"
      onClick={onToggle}
      onKeyDown={press}
    >
      {text}
    </text>
  );
}
