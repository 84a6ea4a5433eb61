/** Two axes and what lies between them. */
import type { JSX } from "preact";
import { formatTick, ticks } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import { along, labelOf } from "./axis_marks.ts";
import "./small.css";

/** How far the plane is from the edges of its frame, in CSS pixels. */
export const MARGIN = { left: 64, right: 16, top: 12, bottom: 44 };
/** CSS pixels that a tick of an axis needs at least. */
const ROOM = { across: 64, up: 48 };

/** What lies between the axes, in CSS pixels. */
export interface Plane {
  width: number;
  height: number;
}

/** One axis of the plane. */
export interface Axis {
  label: string;
  unit: string | undefined;
  log: boolean;
  range: Range;
  words?: readonly string[] | undefined;
}

interface MarksProps {
  axis: Axis;
  plane: Plane;
  across: boolean;
}

/** The ticks, the lines and the name of one axis. */
export function Marks({ axis, plane: { width, height }, across }: MarksProps): JSX.Element {
  const length = across ? width : height;
  const most = Math.max(2, Math.floor(length / (across ? ROOM.across : ROOM.up)));
  return (
    <g class="small-axis" aria-hidden="true">
      {marksOf(axis, most).map(([tick, text]) => {
        const at = along(tick, axis.range, axis.log, length);
        const [left, top] = across ? [at, height] : [0, height - at];
        return (
          <g key={tick} transform={`translate(${left} ${top})`}>
            <line x2={across ? 0 : width} y2={across ? -height : 0} />
            <text x={across ? 0 : -8} y={across ? 16 : 4} text-anchor={across ? "middle" : "end"}>
              {cut(text)}
            </text>
          </g>
        );
      })}
      <text
        class="small-label"
        transform={across ? `translate(${width / 2} ${height + 36})` : `translate(${14 - MARGIN.left} ${height / 2}) rotate(-90)`}
        text-anchor="middle"
      >
        {labelOf(axis)}
      </text>
    </g>
  );
}

function marksOf({ words, range, log, unit }: Axis, most: number): [number, string][] {
  if (!words) return ticks(range, most, log).map((tick) => [tick, formatTick(tick, unit)]);
  const every = Math.ceil(words.length / most);
  return words.map((word, at): [number, string] => [at, word]).filter(([at]) => at % every === 0);
}

/** Words that have room for no more letters. */
const MOST_LETTERS = 12;

function cut(text: string): string {
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text;
}
