/** A chart as a figure of a paper: its axes with names and units, its curves, and who is which. */
import type { Curve } from "../curve.ts";
import type { Frame } from "../paint.ts";
import { placeX, placeY } from "../paint.ts";
import { onPaper } from "../../model/palette.ts";
import { formatTick, ticks } from "../../model/scale.ts";
import type { Range } from "../../model/scale.ts";
import { timeTicks } from "../../model/time_ticks.ts";
import { formatXTick } from "../../model/x_axis.ts";
import type { FigureChoice } from "./choice.ts";
import { marksOf } from "./curves.ts";
import type { Drawn } from "./curves.ts";
import type { Anchor, Box, Drawing, Mark } from "./drawing.ts";
import { fitted, widthOf } from "./letters.ts";
import { looksOf, shapeAt } from "./looks.ts";

/** A y axis. */
export interface Scale {
  label: string;
  unit: string | undefined;
  range: Range;
}

/** What a chart shows now. */
export interface Shown {
  title: string;
  curves: readonly Curve[];
  /** As in the curves' contract. */
  x: string;
  xLabel: string;
  xRange: Range;
  xLog: boolean;
  yLog: boolean;
  y: Scale;
  right: Scale | null;
}

const [TEXT, MUTED, GRID] = ["#1b1f24", "#4a525c", "#dfe3e8"];
const POINTS = 72 / 25.4;
/** The share of the height that names of curves may take. */
const LEGEND_SHARE = 0.4;

interface Tick {
  at: number;
  text: string;
}

interface Paper {
  width: number;
  height: number;
  /** Of the letters. */
  size: number;
  choice: FigureChoice;
}

export function figureOf(shown: Shown, choice: FigureChoice): Drawing {
  const { font, size } = choice;
  const paper: Paper = { width: choice.width * POINTS, height: choice.height * POINTS, size, choice };
  const line = size / 8;
  const looks = looksOf(shown.curves, choice.grey, line);
  const drawn = shown.curves.map((curve, at): Drawn => ({ curve, look: looks[at] as Drawn["look"] }));
  const legend = legendOf(drawn, paper);
  const title = choice.title
    ? [textMark(fitted(shown.title, paper.width - size, size * 1.15, font), paper.width / 2, size * 1.5, size * 1.15)]
    : [];
  const top = choice.title ? size * 2.6 : size * 0.8;
  const bottom = size * 3.2 + legend.height;
  const height = Math.max(size, paper.height - top - bottom);
  const [y, right] = [yTicks(shown.y, height, shown.yLog, size), shown.right && yTicks(shown.right, height, shown.yLog, size)];
  const left = roomOf(y, paper);
  const box: Box = { left, top, width: Math.max(size, paper.width - left - (right ? roomOf(right, paper) : size)), height };
  const frame: Frame = {
    ...box,
    xRange: shown.xRange,
    yRange: shown.y.range,
    xLog: shown.xLog,
    yLog: shown.yLog,
    ratio: 1,
    ...(shown.right ? { rightRange: shown.right.range } : {}),
  };
  const marks: Mark[] = [
    { kind: "area", rings: [rectangle(0, 0, paper.width, paper.height)], color: "#ffffff" },
    ...title,
    ...xAxis(shown, frame, paper),
    ...yAxis(shown.y, y, frame, paper, false),
    ...(shown.right && right ? yAxis(shown.right, right, { ...frame, yRange: shown.right.range }, paper, true) : []),
    { kind: "clip", box, marks: marksOf(drawn, frame, line) },
    { kind: "line", lines: [framing(box, right !== null)], stroke: { color: MUTED, width: size / 14 } },
    ...legend.marks,
  ];
  return { width: paper.width, height: paper.height, font, title: shown.title, marks };
}

function yTicks({ range, unit }: Scale, height: number, log: boolean, size: number): Tick[] {
  return ticks(range, Math.max(2, Math.floor(height / (size * 3))), log).map((at) => ({ at, text: formatTick(at, unit) }));
}

/** What the numbers and the name of a y axis take. */
function roomOf(ticks: readonly Tick[], { size, choice }: Paper): number {
  return size * 2.3 + Math.max(size, ...ticks.map(({ text }) => widthOf(text, size, choice.font)));
}

function xTicks({ x, xRange, xLog }: Shown, width: number, size: number): Tick[] {
  const wanted = Math.max(2, Math.floor(width / (size * (x === "relative" || x === "wall" ? 8 : 6))));
  if (x === "wall") return timeTicks(xRange, wanted);
  return ticks(xRange, wanted, xLog).map((at) => ({ at, text: formatXTick(x, at) }));
}

function xAxis(shown: Shown, frame: Frame, { size, choice }: Paper): Mark[] {
  const [toX, floor] = [placeX(frame), frame.top + frame.height];
  const own = xTicks(shown, frame.width, size);
  const name = fitted(shown.xLabel, frame.width, size, choice.font);
  return [
    gridOf(
      own.map(({ at }) => [toX(at), frame.top, toX(at), floor]),
      size,
    ),
    ...own.map(({ at, text }) => textMark(text, toX(at), floor + size * 1.3, size, MUTED)),
    textMark(name, frame.left + frame.width / 2, floor + size * 2.6, size),
  ];
}

/** The lines across are those of the axis on the left. */
function yAxis({ label, unit }: Scale, own: readonly Tick[], frame: Frame, { width, size, choice }: Paper, isRight: boolean): Mark[] {
  const toY = placeY(frame);
  const end = frame.left + frame.width;
  const [x, anchor]: [number, Anchor] = isRight ? [end + size * 0.4, "start"] : [frame.left - size * 0.4, "end"];
  const name = fitted(withUnit(label, unit), frame.height, size, choice.font);
  const middle = frame.top + frame.height / 2;
  return [
    ...(isRight
      ? []
      : [
          gridOf(
            own.map(({ at }) => [frame.left, toY(at), end, toY(at)]),
            size,
          ),
        ]),
    ...own.map(({ at, text }) => textMark(text, x, toY(at) + size * 0.35, size, MUTED, anchor)),
    { ...textMark(name, isRight ? width - size * 0.5 : size * 1.1, middle, size), upwards: true },
  ];
}

/** What stands at an axis, with the unit that its numbers are in. */
function withUnit(label: string, unit: string | undefined): string {
  return unit ? `${label} (${unit})` : label;
}

function gridOf(lines: number[][], size: number): Mark {
  return { kind: "line", lines, stroke: { color: GRID, width: size / 16 } };
}

function framing({ left, top, width, height }: Box, hasRight: boolean): number[] {
  const floor = top + height;
  return [left, top, left, floor, left + width, floor, ...(hasRight ? [left + width, top] : [])];
}

function rectangle(left: number, top: number, width: number, height: number): number[] {
  return [left, top, left + width, top, left + width, top + height, left, top + height];
}

type TextMark = Extract<Mark, { kind: "text" }>;

function textMark(text: string, x: number, y: number, size: number, color = TEXT, anchor: Anchor = "middle"): TextMark {
  return { kind: "text", x, y, text, size, color, anchor };
}

interface Legend {
  height: number;
  marks: Mark[];
}

/** Which line is whose, in as many columns as there is room for; one curve alone needs no name. */
function legendOf(drawn: readonly Drawn[], { width, height, size, choice }: Paper): Legend {
  if (drawn.length < 2) return { height: size * 0.3, marks: [] };
  const [sample, gap, row] = [size * 3, size * 0.6, size * 1.5];
  const room = width - size;
  const widest = Math.max(...drawn.map(({ curve }) => widthOf(curve.label, size, choice.font))) + sample + gap * 3;
  const columns = Math.max(1, Math.floor(room / Math.min(widest, room)));
  const most = Math.max(1, Math.floor((height * LEGEND_SHARE) / row)) * columns;
  const named = drawn.length > most ? drawn.slice(0, most - 1) : drawn;
  const rows = Math.ceil(Math.min(drawn.length, most) / columns);
  const column = room / columns;
  const place = (at: number): [number, number] => [
    size / 2 + (at % columns) * column,
    height - (rows - Math.floor(at / columns)) * row + size * 0.7,
  ];
  const marks = named.flatMap(({ curve, look }, at): Mark[] => {
    const [x, y] = place(at);
    const color = onPaper(curve.color);
    const line = size / 8;
    return [
      { kind: "line", lines: [[x, y, x + sample, y]], stroke: { color, width: curve.best ? line * 1.7 : line, dash: look.dash } },
      ...(look.shape ? [{ kind: "area", rings: [shapeAt(look.shape, x + sample / 2, y, line * 2.6)], color } as const] : []),
      textMark(fitted(curve.label, column - sample - gap * 2, size, choice.font), x + sample + gap, y + size * 0.35, size, TEXT, "start"),
    ];
  });
  if (named.length < drawn.length) {
    const [x, y] = place(named.length);
    marks.push(textMark(`+${drawn.length - named.length} more`, x, y + size * 0.35, size, MUTED, "start"));
  }
  return { height: rows * row + size * 0.2, marks };
}
