/** The x axes of curves: their names, how a position reads, and what a zoom means to the server. */
import { formatNumber } from "./format.ts";
import { formatCount, formatTick } from "./scale.ts";
import type { Numbers, Range } from "./scale.ts";

const NAMES: Record<string, string> = {
  step: "step",
  relative: "time since start",
  wall: "time",
  epoch: "epoch",
};

/** What stands under the axis. */
export function xName(x: string): string {
  return NAMES[x] ?? x.replace(/^metric:/, "");
}

/** A position as the tooltip says it: `step 1 200`, `2 h 5 min`, `24 Nov 10:15:02`. */
export function formatX(x: string, value: number): string {
  if (x === "relative") return formatSeconds(value);
  if (x === "wall") return formatTime(value);
  return `${xName(x)} ${Number.isSafeInteger(value) ? formatCount(value) : formatNumber(value)}`;
}

/** A tick of the axis. Ticks of wall time are uPlot's own. */
export function formatXTick(x: string, value: number): string {
  return x === "relative" ? formatSeconds(value) : formatTick(value);
}

/** Seconds in the two largest units that they fill. */
export function formatSeconds(seconds: number): string {
  const whole = Math.abs(seconds);
  if (whole < 60) return `${Number(seconds.toPrecision(3))} s`;
  if (whole < 3600) return twoUnits(seconds, 60, "min", 1, "s");
  if (whole < 86400) return twoUnits(seconds, 3600, "h", 60, "min");
  return twoUnits(seconds, 86400, "d", 3600, "h");
}

function twoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const smalls = Math.round(seconds / small);
  const each = large / small;
  const rest = smalls % each;
  const first = `${Math.trunc(smalls / each)} ${largeName}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}

function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** Bounds of steps that cover a range of the step axis. */
export function stepsOfRange([from, to]: Range): { from: number; to: number } {
  return { from: Math.max(0, Math.floor(from)), to: Math.max(0, Math.ceil(to)) };
}

/** One curve on two axes: the same points by position and by step. */
export interface Located {
  x: Numbers;
  steps: Numbers;
}

/**
 * Bounds of steps that cover a range of any other axis, over all curves, with the points from which lines
 * enter and leave the picture. Positions may go back and forth, as those of a metric do. Null where no
 * curve passes there.
 */
export function stepsOfOtherAxis(curves: readonly Located[], [from, to]: Range): { from: number; to: number } | null {
  let [least, greatest] = [Infinity, -Infinity];
  for (const { x, steps } of curves) {
    if (x.length === 0 || x.length !== steps.length) continue;
    for (let at = 0; at < x.length; at += 1) {
      const next = Math.min(at + 1, x.length - 1);
      const [here, there] = [x[at] as number, x[next] as number];
      if (!(Math.min(here, there) <= to && Math.max(here, there) >= from)) continue;
      least = Math.min(least, steps[at] as number);
      greatest = Math.max(greatest, steps[next] as number);
    }
  }
  return least <= greatest ? { from: least, to: greatest } : null;
}
