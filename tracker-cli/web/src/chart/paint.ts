/** Curves on a canvas. All lengths are canvas pixels. */
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
}

type Place = (value: number) => number;

/** Values to pixels along one axis: NaN for a value that has no place on it. */
function placer([min, max]: Range, log: boolean, start: number, length: number): Place {
  if (!log) {
    const scale = length / (max - min);
    return (value) => start + (value - min) * scale;
  }
  const [base, scale] = [Math.log(min), length / Math.log(max / min)];
  return (value) => (value > 0 ? start + (Math.log(value) - base) * scale : NaN);
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

function tracePoints(context: CanvasRenderingContext2D, frame: Frame, x: Numbers, y: Numbers, from: number, to: number, dots: number[]): void {
  const [toX, toY] = [placeX(frame), placeY(frame)];
  let connected = 0;
  let [lastX, lastY] = [0, 0];
  for (let at = from; at < to; at += 1) {
    const [px, py] = [toX(x[at] as number), toY(y[at] as number)];
    if (!isFinitePlace(px) || !isFinitePlace(py)) {
      if (connected === 1) dots.push(lastX, lastY);
      connected = 0;
      continue;
    }
    if (connected === 0) context.moveTo(px, py);
    else context.lineTo(px, py);
    connected += 1;
    [lastX, lastY] = [px, py];
  }
  if (connected === 1) dots.push(lastX, lastY);
}

/** The least and greatest value of each column, in the order in which they come. */
function traceColumns(context: CanvasRenderingContext2D, frame: Frame, x: Numbers, y: Numbers, from: number, to: number): void {
  const [toX, toY] = [placeX(frame), placeY(frame)];
  let column = NaN;
  let [top, bottom, topFirst, connected, filled] = [0, 0, true, false, false];
  const close = (): void => {
    if (!filled) return;
    const [first, second] = topFirst ? [top, bottom] : [bottom, top];
    if (connected) context.lineTo(column, first);
    else context.moveTo(column, first);
    context.lineTo(column, second === first && !connected ? second + 0.5 : second);
    connected = true;
    filled = false;
  };
  for (let at = from; at < to; at += 1) {
    const px = Math.round(toX(x[at] as number));
    const py = toY(y[at] as number);
    if (!isFinitePlace(px) || !isFinitePlace(py)) {
      close();
      connected = false;
      continue;
    }
    if (!filled || px !== column) {
      close();
      [column, top, bottom, topFirst, filled] = [px, py, py, true, true];
    } else if (py < top) [top, topFirst] = [py, false];
    else if (py > bottom) [bottom, topFirst] = [py, true];
  }
  close();
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
    for (let at = first; at < end; at += 1) context.lineTo(toX(x[at] as number), toY(high[at] as number));
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

/** A dashed line over the height and a small triangle at the frame, where a value is not finite. */
export function paintMarkers(context: CanvasRenderingContext2D, frame: Frame, curve: Curve): void {
  const toX = placeX(frame);
  const size = 5 * frame.ratio;
  context.save();
  context.setLineDash([2 * frame.ratio, 3 * frame.ratio]);
  context.lineWidth = frame.ratio;
  const first = toX(curve.notFinite[0]?.x ?? NaN);
  if (isFinitePlace(first)) {
    context.beginPath();
    context.moveTo(first, frame.top);
    context.lineTo(first, frame.top + frame.height);
    context.stroke();
  }
  for (const { x, value } of curve.notFinite) paintTriangle(context, frame, toX(x), value === "Infinity", size);
  context.restore();
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
