/** What there is to see at steps, where it stands in a chart, and how it is painted. */
import type { Mark } from "../data/types.ts";
import { oneLine } from "../model/safe_text.ts";
import { nearestIndex } from "../model/scale.ts";
import { formatX } from "../model/x_axis.ts";
import type { Curve } from "./curve.ts";
import { frameOf, isFinitePlace, placeX, placeY } from "./paint.ts";
import type { Frame } from "./paint.ts";
import type { ChartProps } from "./types.ts";

/** One tick of a chart. */
export interface Tick {
  kind: Mark["kind"];
  x: number;
  color: string;
  /** An error is longer than a warning. */
  strong: boolean;
  text: string;
  /** The curve and the place on it, where a fork begins. */
  on?: { curve: Curve; y: number };
}

/** Nearer than this the pointer means a tick, in pixels. */
const REACH = 5;
/** The words of so many ticks have room in a tooltip. */
const MOST_WORDS = 4;

type Marked = Pick<ChartProps, "marks" | "runs" | "options" | "lines">;

/** The ticks of all runs of the curves, those of a run once. */
export function ticksOf(curves: readonly Curve[], { marks, runs, options: { x }, lines }: Marked): Tick[] {
  if (!marks || marks.size === 0 || !["step", "relative", "wall"].includes(x)) return [];
  const known = new Map(runs.map((run) => [run.id, run]));
  const own = new Set(lines.map(({ metric }) => metric));
  return curves
    .filter(({ line = 0 }) => line === 0)
    .flatMap((curve) =>
      curve.runs.flatMap((id) =>
        (marks.get(id) ?? [])
          // A chart marks the alerts of its own metrics by itself.
          .filter(({ kind, metric }) => kind !== "alert" || metric === null || !own.has(metric))
          .map((mark) => tickOf(mark, curve, placeOf(mark, x, known.get(id)?.started ?? NaN), x)),
      ),
    );
}

function placeOf(mark: Mark, axis: string, started: number): number {
  if (axis === "step") return Number(mark.step);
  const seconds = Date.parse(mark.time) / 1000;
  return axis === "wall" ? seconds : seconds - started;
}

function tickOf(mark: Mark, curve: Curve, x: number, axis: string): Tick {
  const { kind, count, level } = mark;
  const at = kind === "fork" ? nearestIndex(curve.x, x) : -1;
  const steps = mark.step === mark.last_step ? `step ${mark.step}` : `steps ${mark.step} to ${mark.last_step}`;
  const where = axis === "step" && count === 1 ? formatX("step", x) : steps;
  const many = count > 1 ? `${count} ${kind}s, ` : "";
  const tick: Tick = {
    kind,
    x,
    color: curve.color,
    strong: level === "error",
    text: `${where}: ${many}${oneLine(mark.text)}`,
  };
  return at < 0 ? tick : { ...tick, on: { curve, y: curve.y[at] as number } };
}

/** What the ticks near a place along x say. */
export function wordsNear(ticks: readonly Tick[], frame: Frame, left: number): string[] {
  const toX = placeX(frame);
  const near = ticks.map((tick) => ({ tick, away: Math.abs(toX(tick.x) - left) })).filter(({ away }) => away <= REACH);
  near.sort((a, b) => a.away - b.away);
  const words = near.slice(0, MOST_WORDS).map(({ tick }) => `${SIGNS[tick.kind]} ${tick.text}`);
  return near.length > words.length ? [...words, `and ${near.length - words.length} more here`] : words;
}

const SIGNS: Record<Tick["kind"], string> = { message: "▎", alert: "◆", knob: "■", fork: "○" };

/** Small, at the bottom of the frame; a fork is a ring on its curve. Of those in one column of pixels, one of a kind is painted. */
export function paintTicks(context: CanvasRenderingContext2D, frame: Frame, ticks: readonly Tick[]): void {
  const toX = placeX(frame);
  const painted = new Set<string>();
  context.save();
  context.lineWidth = 1.5 * frame.ratio;
  for (const tick of ticks) {
    const px = toX(tick.x);
    const column = `${tick.kind}${Number(tick.strong)} ${tick.color} ${Math.round(px)}`;
    if (!isFinitePlace(px) || px < frame.left || px > frame.left + frame.width || painted.has(column)) continue;
    painted.add(column);
    context.strokeStyle = tick.color;
    context.fillStyle = tick.color;
    paintTick(context, frame, tick, px);
  }
  context.restore();
}

function paintTick(context: CanvasRenderingContext2D, frame: Frame, { kind, strong, on }: Tick, px: number): void {
  const { ratio } = frame;
  const bottom = frame.top + frame.height;
  const size = 3.5 * ratio;
  context.beginPath();
  if (kind === "message") {
    context.moveTo(px, bottom);
    context.lineTo(px, bottom - (strong ? 11 : 6) * ratio);
    context.stroke();
  } else if (kind === "knob") {
    context.fillRect(px - size, bottom - 2 * size, 2 * size, 2 * size);
  } else if (kind === "alert") {
    context.moveTo(px - size, bottom - size);
    context.lineTo(px, bottom - 2 * size);
    context.lineTo(px + size, bottom - size);
    context.lineTo(px, bottom);
    context.fill();
  } else if (on) {
    const py = placeY(frameOf(frame, on.curve))(on.y);
    if (!isFinitePlace(py)) return;
    context.arc(px, py, size + ratio, 0, 2 * Math.PI);
    context.stroke();
  }
}
