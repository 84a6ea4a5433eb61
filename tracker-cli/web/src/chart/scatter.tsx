import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { formatNumber } from "../model/format.ts";
import { formatTick, ticks } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import { along, axisRange, labelOf } from "./axis_marks.ts";
import "./small.css";
import type { ScatterPoint, ScatterProps } from "./types.ts";
import { useWidth } from "./use_width.ts";

const HEIGHT = 360;
const MARGIN = { left: 64, right: 16, top: 12, bottom: 44 };
/** CSS pixels that a tick of an axis needs at least. */
const ROOM = { across: 72, up: 48 };

interface Plane {
  width: number;
  height: number;
}

/** One axis of the plane. */
interface Axis {
  label: string;
  unit: string | undefined;
  log: boolean;
  range: Range;
}

/** Any two numbers of the runs against each other, one dot a run. */
export function Scatter(props: ScatterProps): JSX.Element {
  const { points, onPick } = props;
  const frame = useRef<HTMLElement>(null);
  const width = useWidth(frame, 640);
  const plane = { width: Math.max(1, width - MARGIN.left - MARGIN.right), height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const x: Axis = {
    label: props.xLabel,
    unit: props.xUnit,
    log: props.xLog,
    range: axisRange(
      points.map((point) => point.x),
      props.xLog,
    ),
  };
  const y: Axis = {
    label: props.yLabel,
    unit: props.yUnit,
    log: props.yLog,
    range: axisRange(
      points.map((point) => point.y),
      props.yLog,
    ),
  };
  const placed = points
    .map((point) => ({
      point,
      left: along(point.x, x.range, x.log, plane.width),
      top: plane.height - along(point.y, y.range, y.log, plane.height),
    }))
    .filter(({ left, top }) => Number.isFinite(left) && Number.isFinite(top));
  const hidden = points.length - placed.length;
  return (
    <figure ref={frame} class="small-chart" data-scatter data-points={placed.length}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="group" aria-label={`${y.label} against ${x.label}`}>
        <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
          <XMarks axis={x} plane={plane} />
          <YMarks axis={y} plane={plane} />
          {placed.map(({ point, left, top }) => (
            <Dot key={point.id} point={point} left={left} top={top} words={wordsOf(point, x, y)} onPick={onPick} />
          ))}
        </g>
      </svg>
      {placed.length === 0 && <figcaption>No run has a number for both axes.</figcaption>}
      {placed.length > 0 && hidden > 0 && (
        <figcaption>
          {hidden} {hidden === 1 ? "run has" : "runs have"} no place here: a value is missing, not finite, or at or below 0 on a log axis.
        </figcaption>
      )}
    </figure>
  );
}

function wordsOf(point: ScatterPoint, x: Axis, y: Axis): string {
  return `${point.label}\n${x.label} ${formatNumber(point.x, x.unit)}\n${y.label} ${formatNumber(point.y, y.unit)}`;
}

interface DotProps {
  point: ScatterPoint;
  left: number;
  top: number;
  words: string;
  onPick: ScatterProps["onPick"];
}

function Dot({ point, left, top, words, onPick }: DotProps): JSX.Element {
  const pick = (): void => onPick?.(point.id);
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter") pick();
  };
  return (
    <circle
      class="small-dot"
      cx={left}
      cy={top}
      r={5}
      fill={point.color}
      data-run={point.id}
      role="link"
      aria-label={words}
      tabindex={0}
      onClick={pick}
      onKeyDown={press}
    >
      <title>{words}</title>
    </circle>
  );
}

interface MarksProps {
  axis: Axis;
  plane: Plane;
}

function XMarks({ axis, plane: { width, height } }: MarksProps): JSX.Element {
  return (
    <g class="small-axis" aria-hidden="true">
      {ticks(axis.range, Math.max(2, Math.floor(width / ROOM.across)), axis.log).map((tick) => {
        const left = along(tick, axis.range, axis.log, width);
        return (
          <g key={tick}>
            <line x1={left} x2={left} y1={0} y2={height} />
            <text x={left} y={height + 16} text-anchor="middle">
              {formatTick(tick, axis.unit)}
            </text>
          </g>
        );
      })}
      <text class="small-label" x={width / 2} y={height + 36} text-anchor="middle">
        {labelOf(axis)}
      </text>
    </g>
  );
}

function YMarks({ axis, plane: { width, height } }: MarksProps): JSX.Element {
  return (
    <g class="small-axis" aria-hidden="true">
      {ticks(axis.range, Math.floor(height / ROOM.up), axis.log).map((tick) => {
        const top = height - along(tick, axis.range, axis.log, height);
        return (
          <g key={tick}>
            <line x1={0} x2={width} y1={top} y2={top} />
            <text x={-8} y={top + 4} text-anchor="end">
              {formatTick(tick, axis.unit)}
            </text>
          </g>
        );
      })}
      <text class="small-label" transform={`translate(${14 - MARGIN.left} ${height / 2}) rotate(-90)`} text-anchor="middle">
        {labelOf(axis)}
      </text>
    </g>
  );
}
