/** Curves on a canvas. All lengths are canvas pixels. */
import { DASHES } from "../model/palette.ts";
import type { Numbers, Range } from "../model/scale.ts";
import type { Curve } from "./curve.ts";
import { visiblePart } from "./extent.ts";

/** Where the plane lies on the canvas. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  xRange: Range;
  yRange: Range;
  xLog: boolean;
  yLog: boolean;
  /** Canvas pixels a CSS pixel. */
  ratio: number;
  /** What the axis on the right spans, where there is one. */
  rightRange?: Range;
}

/** The plane as a curve has it, by the axis that it is measured by. */
export function frameOf(frame: Frame, { right }: Pick<Curve, "right">): Frame {
  return right && frame.rightRange ? { ...frame, yRange: frame.rightRange } : frame;
}

type Place = (value: number) => number;

/** Of one axis: the value, or its logarithm, at the frame's edge, and pixels for each unit from there. */
function scaleOf([min, max]: Range, log: boolean, length: number): [number, number] {
  return log ? [Math.log(min), length / Math.log(max / min)] : [min, length / (max - min)];
}

/** Values to pixels along one axis: not finite for a value that has no place on it. */
function placer(range: Range, log: boolean, start: number, length: number): Place {
  const [edge, scale] = scaleOf(range, log, length);
  return log ? (value) => start + (Math.log(value) - edge) * scale : (value) => start + (value - edge) * scale;
}

export function placeX(frame: Frame): Place {
  return placer(frame.xRange, frame.xLog, frame.left, frame.width);
}

export function placeY(frame: Frame): Place {
  return placer(frame.yRange, frame.yLog, frame.top + frame.height, -frame.height);
}

export function isFinitePlace(value: number): boolean {
  return Math.abs(value) < Infinity;
}

/** Paints with one of the palette's dashes. */
export function dashed(context: CanvasRenderingContext2D, { ratio }: Frame, dash: number, paint: () => void): void {
  if (dash === 0) return paint();
  context.setLineDash((DASHES[dash] ?? []).map((length) => length * ratio));
  paint();
  context.setLineDash([]);
}

/** Past twice as many points as columns, only the extremes of each column are drawn: it looks the same. */
const POINTS_A_COLUMN = 2;

/**
 * Strokes a line, broken where a value has no place. A point without neighbours would be invisible as a
 * line, so it is a dot.
 */
export function paintLine(context: CanvasRenderingContext2D, frame: Frame, x: Numbers, y: Numbers, width: number): void {
  const [from, to] = visiblePart(x, frame.xRange);
  const dots: number[] = [];
  context.lineWidth = width * frame.ratio;
  context.beginPath();
  if (to - from > frame.width * POINTS_A_COLUMN) traceColumns(context, frame, x, y, from, to);
  else tracePoints(context, frame, x, y, from, to, dots);
  context.stroke();
  paintDots(context, dots, Math.max(2.5, width) * frame.ratio);
}

function tracePoints(
  context: CanvasRenderingContext2D,
  frame: Frame,
  x: Numbers,
  y: Numbers,
  from: number,
  to: number,
  dots: number[],
): void {
  const [toX, toY] = [placeX(frame), placeY(frame)];
  let connected = 0;
  let [lastX, lastY] = [0, 0];
  for (let at = from; at < to; at += 1) {
    const px = toX(x[at] as number);
    const py = toY(y[at] as number);
    if (!isFinitePlace(px) || !isFinitePlace(py)) {
      if (connected === 1) dots.push(lastX, lastY);
      connected = 0;
      continue;
    }
    if (connected === 0) context.moveTo(px, py);
    else context.lineTo(px, py);
    connected += 1;
    lastX = px;
    lastY = py;
  }
  if (connected === 1) dots.push(lastX, lastY);
}

/**
 * The least and greatest value of each column of pixels, in the order in which they come. One plain loop
 * without calls or unpacked arrays: it runs for each point while the page is still cold, when these take
 * longer than all else.
 */
function traceColumns(context: CanvasRenderingContext2D, frame: Frame, x: Numbers, y: Numbers, from: number, to: number): void {
  const pen = new ColumnPen(context);
  const { xLog, yLog, left } = frame;
  const [xEdge, xScale] = scaleOf(frame.xRange, xLog, frame.width);
  const [yEdge, yScale] = scaleOf(frame.yRange, yLog, -frame.height);
  const floor = frame.top + frame.height;
  let column = NaN;
  let top = 0;
  let bottom = 0;
  let topFirst = true;
  for (let at = from; at < to; at += 1) {
    const px = Math.round(left + ((xLog ? Math.log(x[at] as number) : (x[at] as number)) - xEdge) * xScale);
    const py = floor + ((yLog ? Math.log(y[at] as number) : (y[at] as number)) - yEdge) * yScale;
    // What has no place, as NaN has none, leaves a gap.
    const placed = px - px === 0 && py - py === 0;
    if (px !== column || !placed) {
      pen.draw(column, top, bottom, topFirst);
      if (!placed) pen.lift();
      column = placed ? px : NaN;
      top = py;
      bottom = py;
    } else if (py < top) {
      top = py;
      topFirst = false;
    } else if (py > bottom) {
      bottom = py;
      topFirst = true;
    }
  }
  pen.draw(column, top, bottom, topFirst);
}

/** Draws columns as strokes up or down, each connected with the one before. */
class ColumnPen {
  private connected = false;

  constructor(private readonly context: CanvasRenderingContext2D) {}

  draw(column: number, top: number, bottom: number, topFirst: boolean): void {
    if (Number.isNaN(column)) return;
    const first = topFirst ? top : bottom;
    const second = topFirst ? bottom : top;
    if (this.connected) this.context.lineTo(column, first);
    else this.context.moveTo(column, first);
    // A single value after a gap still needs some length to be seen.
    const alone = second === first && !this.connected;
    if (alone || second !== first) this.context.lineTo(column, alone ? second + 0.5 : second);
    this.connected = true;
  }

  /** Ends the line: what follows is not connected. */
  lift(): void {
    this.connected = false;
  }
}

function paintDots(context: CanvasRenderingContext2D, dots: readonly number[], radius: number): void {
  if (dots.length === 0) return;
  context.beginPath();
  for (let at = 0; at < dots.length; at += 2) {
    const [px, py] = [dots[at] as number, dots[at + 1] as number];
    context.moveTo(px + radius, py);
    context.arc(px, py, radius, 0, 2 * Math.PI);
  }
  context.fill();
}

/** Fills between two columns; where a log axis has no place for the lower one, down to the frame. */
export function paintBand(context: CanvasRenderingContext2D, frame: Frame, x: Numbers, low: Numbers, high: Numbers): void {
  const [from, to] = visiblePart(x, frame.xRange);
  const stretches = drawableStretches(frame, x, high, from, to);
  const [toX, toY] = [placeX(frame), placeY(frame)];
  const floor = frame.top + frame.height;
  context.beginPath();
  for (const [first, end] of stretches) {
    context.moveTo(toX(x[first] as number), toY(high[first] as number));
    for (let at = first + 1; at < end; at += 1) context.lineTo(toX(x[at] as number), toY(high[at] as number));
    for (let at = end - 1; at >= first; at -= 1) {
      const py = toY(low[at] as number);
      context.lineTo(toX(x[at] as number), isFinitePlace(py) ? py : floor);
    }
    context.closePath();
  }
  context.fill();
}

/** Runs of neighbouring points that have a place. */
function drawableStretches(frame: Frame, x: Numbers, y: Numbers, from: number, to: number): [number, number][] {
  const [toX, toY] = [placeX(frame), placeY(frame)];
  const stretches: [number, number][] = [];
  let first = -1;
  for (let at = from; at <= to; at += 1) {
    const drawable = at < to && isFinitePlace(toX(x[at] as number)) && isFinitePlace(toY(y[at] as number));
    if (drawable && first < 0) first = at;
    if (!drawable && first >= 0) {
      stretches.push([first, at]);
      first = -1;
    }
  }
  return stretches;
}

/**
 * Where values are not finite: a small triangle at the frame, and a bar along it as far as they go; a
 * dashed line over the height where the curve diverged, else at the first of them.
 */
export function paintMarkers(context: CanvasRenderingContext2D, frame: Frame, curve: Curve): void {
  const toX = placeX(frame);
  const size = 5 * frame.ratio;
  context.save();
  context.setLineDash([2 * frame.ratio, 3 * frame.ratio]);
  context.lineWidth = frame.ratio;
  const first = toX((curve.diverged ?? curve.notFinite[0])?.x ?? NaN);
  if (isFinitePlace(first)) {
    context.beginPath();
    context.moveTo(first, frame.top);
    context.lineTo(first, frame.top + frame.height);
    context.stroke();
  }
  for (const { x, lastX, value } of curve.notFinite) {
    const up = value === "Infinity";
    // A log axis has no place for step 0: the stretch then begins at its edge.
    const from = toX(x) === -Infinity ? frame.left : toX(x);
    paintTriangle(context, frame, from, up, size);
    paintBar(context, frame, from, toX(lastX), up);
  }
  context.restore();
}

/** Where somebody should look at a curve: a diamond at the top of the frame, over a line that fades. */
export function paintAlerts(context: CanvasRenderingContext2D, frame: Frame, curve: Curve): void {
  const toX = placeX(frame);
  const size = 4.5 * frame.ratio;
  const middle = frame.top + size + frame.ratio;
  context.save();
  context.lineWidth = frame.ratio;
  for (const { x } of curve.alerts) {
    const px = toX(x);
    if (!isFinitePlace(px)) continue;
    context.globalAlpha = 0.45;
    context.beginPath();
    context.moveTo(px, middle + size);
    context.lineTo(px, frame.top + frame.height);
    context.stroke();
    context.globalAlpha = 1;
    context.beginPath();
    context.moveTo(px - size, middle);
    context.lineTo(px, middle - size);
    context.lineTo(px + size, middle);
    context.lineTo(px, middle + size);
    context.fill();
  }
  context.restore();
}

function paintBar(context: CanvasRenderingContext2D, frame: Frame, from: number, to: number, up: boolean): void {
  const thick = 2 * frame.ratio;
  if (isFinitePlace(to - from)) context.fillRect(from, up ? frame.top : frame.top + frame.height - thick, to - from, thick);
}

/** At the top for what grew beyond all bounds, at the bottom for the rest. */
function paintTriangle(context: CanvasRenderingContext2D, frame: Frame, px: number, up: boolean, size: number): void {
  if (!isFinitePlace(px)) return;
  const base = up ? frame.top + size : frame.top + frame.height - size;
  const tip = up ? frame.top : frame.top + frame.height;
  context.beginPath();
  context.moveTo(px - size, base);
  context.lineTo(px + size, base);
  context.lineTo(px, tip);
  context.fill();
}
