/** The curves of a figure: what a chart's canvas paints, as marks of a drawing. */
import type { Curve } from "../curve.ts";
import { visiblePart } from "../extent.ts";
import { frameOf, isFinitePlace, placeX, placeY } from "../paint.ts";
import type { Frame } from "../paint.ts";
import { onPaper } from "../../model/palette.ts";
import type { Numbers } from "../../model/scale.ts";
import type { Mark } from "./drawing.ts";
import { shapeAt } from "./looks.ts";
import type { FigureLook } from "./looks.ts";

export interface Drawn {
  curve: Curve;
  look: FigureLook;
}

/** More envelopes than this hide each other. */
const MOST_ENVELOPES = 30;
/** How often a line bears its mark. */
const MARKS_A_LINE = 6;

/** Bands below, logged values behind smoothed ones, the lines, and what is not finite or should be looked at. `line` is the width of a line. */
export function marksOf(drawn: readonly Drawn[], frame: Frame, line: number): Mark[] {
  const bands = drawn.length > MOST_ENVELOPES ? [] : drawn.flatMap((each) => band(each, frameOf(frame, each.curve)));
  const raw = drawn.flatMap((each) => (each.curve.raw ? stroke(each, frameOf(frame, each.curve), each.curve.raw, line / 2, 0.3) : []));
  const best = drawn.filter(({ curve }) => curve.best);
  const lines = [...drawn.filter(({ curve }) => !curve.best), ...best].flatMap((each) => wholeLine(each, frame, line));
  const told = drawn.flatMap((each) => [...notFinite(each, frame, line), ...alerts(each, frame, line)]);
  return [...bands, ...raw, ...lines, ...told];
}

function wholeLine(each: Drawn, frame: Frame, line: number): Mark[] {
  const own = frameOf(frame, each.curve);
  return [...stroke(each, own, each.curve.y, each.curve.best ? line * 1.7 : line, 1), ...shapes(each, own, line)];
}

function stroke({ curve, look }: Drawn, frame: Frame, y: Numbers, width: number, opacity: number): Mark[] {
  const lines = linesOf(frame, curve.x, y);
  const color = onPaper(curve.color);
  // A point without neighbours would be no line.
  const dots = lines.filter((corners) => corners.length === 2).map(([x = 0, y = 0]) => shapeAt("circle", x, y, width * 1.5));
  const strokes = lines.filter((corners) => corners.length > 2);
  return [
    ...(strokes.length > 0 ? [{ kind: "line", lines: strokes, stroke: { color, width, dash: look.dash }, opacity } as const] : []),
    ...(dots.length > 0 ? [{ kind: "area", rings: dots, color, opacity } as const] : []),
  ];
}

/** Broken where a value has no place; neighbours that fall on one spot are one corner. */
function linesOf(frame: Frame, x: Numbers, y: Numbers): number[][] {
  const [toX, toY] = [placeX(frame), placeY(frame)];
  const [from, to] = visiblePart(x, frame.xRange);
  const lines: number[][] = [];
  let current: number[] = [];
  for (let at = from; at < to; at += 1) {
    const [px, py] = [toX(x[at] as number), toY(y[at] as number)];
    if (!isFinitePlace(px) || !isFinitePlace(py)) {
      current = [];
      continue;
    }
    if (current.length === 0) lines.push(current);
    const [lastX, lastY] = current.slice(-2);
    if (lastX === undefined || Math.abs(px - lastX) > 0.02 || Math.abs(py - (lastY as number)) > 0.02) current.push(px, py);
  }
  return lines;
}

/** Where a log axis has no place for the lower end, the band goes down to the frame. */
function band({ curve }: Drawn, frame: Frame): Mark[] {
  const { x, low, high } = curve;
  if (!low || !high) return [];
  const [toX, toY] = [placeX(frame), placeY(frame)];
  const [from, to] = visiblePart(x, frame.xRange);
  const floor = frame.top + frame.height;
  const rings: number[][] = [];
  let [upper, lower]: [number[], [number, number][]] = [[], []];
  const close = (): void => {
    if (lower.length > 0) rings.push([...upper, ...lower.toReversed().flat()]);
    [upper, lower] = [[], []];
  };
  for (let at = from; at < to; at += 1) {
    const [px, top, bottom] = [toX(x[at] as number), toY(high[at] as number), toY(low[at] as number)];
    if (!isFinitePlace(px) || !isFinitePlace(top)) close();
    else {
      upper.push(px, top);
      lower.push([px, isFinitePlace(bottom) ? bottom : floor]);
    }
  }
  close();
  return rings.length === 0 ? [] : [{ kind: "area", rings, color: onPaper(curve.color), opacity: curve.grouped ? 0.2 : 0.13 }];
}

/** The marks that tell a line from others of its dash, at places that are its own. */
function shapes({ curve, look }: Drawn, frame: Frame, line: number): Mark[] {
  if (look.shape === null) return [];
  const [toX, toY] = [placeX(frame), placeY(frame)];
  const rings: number[][] = [];
  for (let at = 0; at < MARKS_A_LINE; at += 1) {
    const wanted = frame.left + (frame.width * (at + look.offset)) / MARKS_A_LINE;
    const near = nearest(curve.x, (x) => toX(x) - wanted);
    const [px, py] = [toX(curve.x[near] ?? NaN), toY(curve.y[near] ?? NaN)];
    if (isFinitePlace(px) && isFinitePlace(py)) rings.push(shapeAt(look.shape, px, py, line * 2.6));
  }
  return rings.length === 0 ? [] : [{ kind: "area", rings, color: onPaper(curve.color) }];
}

/** The place where a growing function of x is nearest to 0. */
function nearest(x: Numbers, of: (x: number) => number): number {
  let [low, high] = [0, x.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (of(x[middle] as number) < 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && Math.abs(of(x[low - 1] as number)) < Math.abs(of(x[low] as number)) ? low - 1 : low;
}

/** A triangle at the frame and a bar as far as the values are not finite, and a dashed line where they began to be. */
function notFinite({ curve }: Drawn, frame: Frame, line: number): Mark[] {
  const toX = placeX(frame);
  const color = onPaper(curve.color);
  const floor = frame.top + frame.height;
  const size = line * 4;
  const first = toX((curve.diverged ?? curve.notFinite[0])?.x ?? NaN);
  const rings = curve.notFinite.flatMap(({ x, lastX, value }) => {
    const from = toX(x) === -Infinity ? frame.left : toX(x);
    if (!isFinitePlace(from)) return [];
    const [base, tip] = value === "Infinity" ? [frame.top + size, frame.top] : [floor - size, floor];
    const thick = value === "Infinity" ? line * 2 : -line * 2;
    const to = isFinitePlace(toX(lastX)) ? toX(lastX) : from;
    const bar = [from, tip, to, tip, to, tip + thick, from, tip + thick];
    return [[from - size, base, from + size, base, from, tip], ...(to > from ? [bar] : [])];
  });
  return [
    ...(isFinitePlace(first)
      ? [
          {
            kind: "line",
            lines: [[first, frame.top, first, floor]],
            stroke: { color, width: line * 0.7, dash: [line * 2, line * 3] },
          } as const,
        ]
      : []),
    ...(rings.length > 0 ? [{ kind: "area", rings, color } as const] : []),
  ];
}

/** A diamond at the top of the frame. */
function alerts({ curve }: Drawn, frame: Frame, line: number): Mark[] {
  const size = line * 3.5;
  const places = curve.alerts.map(({ x }) => placeX(frame)(x)).filter(isFinitePlace);
  const rings = places.map((px) => shapeAt("diamond", px, frame.top + size, size));
  return rings.length === 0 ? [] : [{ kind: "area", rings, color: onPaper(curve.color) }];
}
