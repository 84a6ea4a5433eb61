import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import { formatNumber } from "../model/format.ts";
import type { Range } from "../model/scale.ts";
import { along, axisRange } from "./axis_marks.ts";
import { CanvasLayer, LitLayer, placed } from "./canvas_layer.tsx";
import type { LayerProps } from "./canvas_layer.tsx";
import { DrawnOf } from "./drawn_of.tsx";
import { MARGIN, Marks } from "./plane.tsx";
import type { Axis, Plane } from "./plane.tsx";
import "./small.css";
import { theme } from "./theme.ts";
import { hideTooltip, showWords } from "./tooltip.ts";
import type { ScatterPoint, ScatterProps } from "./types.ts";
import { useWidth } from "./use_width.ts";

const HEIGHT = 360;
/** How near the pointer must be to a dot. */
const REACH = 14;

/** A dot's place in CSS pixels of the plane. */
interface Dot {
  point: ScatterPoint;
  left: number;
  top: number;
}

/** Any two numbers of the runs against each other, one dot a run, of thousands of runs. */
export function Scatter(props: ScatterProps): JSX.Element {
  const { points, of, lit, noun = "run" } = props;
  const frame = useRef<HTMLElement>(null);
  const width = useWidth(frame, 640);
  const plane = useMemo<Plane>(
    () => ({ width: Math.max(1, width - MARGIN.left - MARGIN.right), height: HEIGHT - MARGIN.top - MARGIN.bottom }),
    [width],
  );
  const { xWords } = props;
  const xRange = useMemo<Range>(
    () => (xWords ? [-0.5, xWords.length - 0.5] : axisRange(numbers(points, "x"), props.xLog)),
    [points, props.xLog, xWords],
  );
  const yRange = useMemo(() => axisRange(numbers(points, "y"), props.yLog), [points, props.yLog]);
  const x: Axis = { label: props.xLabel, unit: props.xUnit, log: props.xLog, range: xRange, words: xWords };
  const y: Axis = { label: props.yLabel, unit: props.yUnit, log: props.yLog, range: yRange };
  const dots = useMemo(() => dotsOf(points, x, y, plane), [points, xRange, yRange, props.xLog, props.yLog, plane]);
  const radius = dots.length > 2000 ? 2.5 : dots.length > 300 ? 3.5 : 5;
  const paint = useCallback((context: CanvasRenderingContext2D) => paintDots(context, dots, radius), [dots, radius]);
  const byId = useMemo(() => new Map(dots.map((dot) => [dot.point.id, dot])), [dots]);
  const paintLit = useCallback((context: CanvasRenderingContext2D, id: string) => paintRing(context, byId.get(id), radius), [byId, radius]);
  const layer = { left: MARGIN.left, top: MARGIN.top, ...plane, frame: { width, height: HEIGHT } };
  const words = ({ point }: Dot): string[] => [
    point.label,
    `${x.label} ${xWords?.[point.x] ?? formatNumber(point.x, x.unit)}`,
    `${y.label} ${formatNumber(point.y, y.unit)}`,
    ...(props.tell?.(point.id) ?? []),
  ];
  return (
    <figure ref={frame} class="small-chart" data-scatter data-points={dots.length}>
      <div class="small-frame">
        <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${y.label} against ${x.label}, one dot a ${noun}`}>
          <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
            <Marks axis={x} plane={plane} across />
            <Marks axis={y} plane={plane} across={false} />
            {props.line && <Along line={props.line} x={x} y={y} plane={plane} />}
          </g>
        </svg>
        <CanvasLayer {...layer} paint={paint} />
        <LitLayer {...layer} lit={lit} paint={paintLit} />
        {dots.length > 0 && <Pointed dots={dots} byId={byId} lit={lit} layer={layer} words={words} noun={noun} onPick={props.onPick} />}
      </div>
      <DrawnOf
        drawn={dots.length}
        given={points.length}
        of={of}
        noun={noun}
        missing="a value is missing, not finite, or at or below 0 on a log axis"
      />
    </figure>
  );
}

/** A line behind the dots; what has no place on the axes is left out. */
function Along({ line, x, y, plane }: { line: readonly { x: number; y: number }[]; x: Axis; y: Axis; plane: Plane }): JSX.Element {
  const places = line
    .map((point) => [along(point.x, x.range, x.log, plane.width), plane.height - along(point.y, y.range, y.log, plane.height)] as const)
    .filter(([left, top]) => Number.isFinite(left) && Number.isFinite(top));
  return <polyline class="small-line" points={places.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(" ")} />;
}

function numbers(points: readonly ScatterPoint[], axis: "x" | "y"): number[] {
  return points.map((point) => point[axis]);
}

/** From left to right, which is the way that the arrow keys go. */
function dotsOf(points: readonly ScatterPoint[], x: Axis, y: Axis, plane: Plane): Dot[] {
  return points
    .map((point) => ({
      point,
      left: along(point.x + (x.words ? spread(point.id) : 0), x.range, x.log, plane.width),
      top: plane.height - along(point.y, y.range, y.log, plane.height),
    }))
    .filter(({ left, top }) => Number.isFinite(left) && Number.isFinite(top))
    .sort((a, b) => a.left - b.left || b.top - a.top);
}

/** Runs of one word stand beside each other, each always at the same place. */
function spread(id: string): number {
  let sum = 0;
  for (let at = 0; at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) % 101;
  return (sum / 100 - 0.5) * 0.4;
}

function paintDots(context: CanvasRenderingContext2D, dots: readonly Dot[], radius: number): void {
  context.globalAlpha = dots.length > 300 ? 0.6 : 0.85;
  for (const { point, left, top } of dots) {
    context.fillStyle = point.color;
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.fill();
  }
}

function paintRing(context: CanvasRenderingContext2D, dot: Dot | undefined, radius: number): void {
  if (!dot) return;
  context.fillStyle = dot.point.color;
  context.strokeStyle = theme().text;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(dot.left, dot.top, radius + 2, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

interface PointedProps {
  dots: readonly Dot[];
  byId: ReadonlyMap<string, Dot>;
  lit: Signal<string | null>;
  layer: LayerProps;
  words(dot: Dot): string[];
  noun: string;
  onPick: ((id: string) => void) | undefined;
}

/** Takes the pointer and the keys: the arrows go from dot to dot, and Enter opens the run. */
function Pointed({ dots, byId, lit, layer, words, noun, onPick }: PointedProps): JSX.Element {
  const here = lit.value === null ? undefined : byId.get(lit.value);
  const at = here ? dots.indexOf(here) : -1;
  useEffect(() => leave, []);
  const leave = (): void => {
    hideTooltip();
    lit.value = null;
  };
  const point = (dot: Dot | undefined, corner: DOMRect): void => {
    lit.value = dot?.point.id ?? null;
    if (dot) showWords(words(dot), { left: corner.left + dot.left, top: corner.top + dot.top });
    else hideTooltip();
  };
  const move = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const corner = event.currentTarget.getBoundingClientRect();
    point(nearest(dots, event.clientX - corner.left, event.clientY - corner.top), corner);
  };
  const key = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && here) onPick?.(here.point.id);
    else {
      const next = nextAt(at, dots.length, event.key);
      if (next === undefined) return;
      event.preventDefault();
      point(dots[next], event.currentTarget.getBoundingClientRect());
    }
  };
  return (
    <div
      class="small-pointed"
      style={placed(layer)}
      data-near={here?.point.id}
      tabIndex={0}
      role="slider"
      aria-label={`Dots: the arrows go from ${noun} to ${noun}, Enter opens one`}
      aria-valuemin={1}
      aria-valuemax={dots.length}
      aria-valuenow={at + 1 || 1}
      aria-valuetext={here ? words(here).join(", ") : `no ${noun}`}
      onPointerMove={move}
      onPointerLeave={leave}
      onBlur={leave}
      onKeyDown={key}
      onClick={() => here && onPick?.(here.point.id)}
    />
  );
}

function nearest(dots: readonly Dot[], left: number, top: number): Dot | undefined {
  let [found, least]: [Dot | undefined, number] = [undefined, REACH * REACH];
  for (const dot of dots) {
    const far = (dot.left - left) ** 2 + (dot.top - top) ** 2;
    if (far <= least) [found, least] = [dot, far];
  }
  return found;
}

function nextAt(at: number, count: number, key: string): number | undefined {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return Math.min(at + 1, count - 1);
    case "ArrowLeft":
    case "ArrowDown":
      return Math.max(at - 1, 0);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
