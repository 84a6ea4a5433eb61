import type { JSX } from "preact";
import { formatTick, formatValue, ticks } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import { along, axisRange } from "./axis_marks.ts";
import "./small.css";
import type { ScatterPoint, ScatterProps } from "./types.ts";

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = { left: 56, right: 16, top: 12, bottom: 44 };
const PLANE = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };

/** Any two numbers of the runs against each other, one dot a run. */
export function Scatter({ points, xLabel, yLabel, xLog, yLog, onPick }: ScatterProps): JSX.Element {
  const xRange = axisRange(points.map(({ x }) => x), xLog);
  const yRange = axisRange(points.map(({ y }) => y), yLog);
  const placed = points.map((point) => ({
    point,
    left: along(point.x, xRange, xLog, PLANE.width),
    top: PLANE.height - along(point.y, yRange, yLog, PLANE.height),
  })).filter(({ left, top }) => Number.isFinite(left) && Number.isFinite(top));
  const hidden = points.length - placed.length;
  return (
    <figure class="small-chart" data-scatter data-points={placed.length}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${yLabel} against ${xLabel}`}>
        <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
          <XMarks range={xRange} log={xLog} label={xLabel} />
          <YMarks range={yRange} log={yLog} label={yLabel} />
          {placed.map(({ point, left, top }) => (
            <Dot key={point.id} point={point} left={left} top={top} words={`${point.label}\n${xLabel} ${formatValue(point.x)}\n${yLabel} ${formatValue(point.y)}`} onPick={onPick} />
          ))}
        </g>
      </svg>
      {placed.length === 0 && <figcaption>No run has a number for both axes.</figcaption>}
      {placed.length > 0 && hidden > 0 && <figcaption>{hidden} {hidden === 1 ? "run has" : "runs have"} no place here: a value is missing, not finite, or at or below 0 on a log axis.</figcaption>}
    </figure>
  );
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
    <circle class="small-dot" cx={left} cy={top} r={5} fill={point.color} data-run={point.id} tabIndex={0} onClick={pick} onKeyDown={press}>
      <title>{words}</title>
    </circle>
  );
}

interface MarksProps {
  range: Range;
  log: boolean;
  label: string;
}

function XMarks({ range, log, label }: MarksProps): JSX.Element {
  return (
    <g class="small-axis">
      {ticks(range, 7, log).map((tick) => {
        const left = along(tick, range, log, PLANE.width);
        return (
          <g key={tick}>
            <line x1={left} x2={left} y1={0} y2={PLANE.height} />
            <text x={left} y={PLANE.height + 16} text-anchor="middle">{formatTick(tick)}</text>
          </g>
        );
      })}
      <text class="small-label" x={PLANE.width / 2} y={PLANE.height + 36} text-anchor="middle">{label}</text>
    </g>
  );
}

function YMarks({ range, log, label }: MarksProps): JSX.Element {
  return (
    <g class="small-axis">
      {ticks(range, 6, log).map((tick) => {
        const top = PLANE.height - along(tick, range, log, PLANE.height);
        return (
          <g key={tick}>
            <line x1={0} x2={PLANE.width} y1={top} y2={top} />
            <text x={-8} y={top + 4} text-anchor="end">{formatTick(tick)}</text>
          </g>
        );
      })}
      <text class="small-label" transform={`translate(${12 - MARGIN.left} ${PLANE.height / 2}) rotate(-90)`} text-anchor="middle">{label}</text>
    </g>
  );
}
