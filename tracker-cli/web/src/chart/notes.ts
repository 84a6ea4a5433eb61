/** What a chart says in words below the picture: what cannot be drawn is told, never left out in silence. */
import { formatValue } from "../model/scale.ts";
import type { Curve } from "./curve.ts";
import { notOnLogAxis } from "./extent.ts";
import type { ChartOptions } from "./types.ts";

const MOST_NAMED = 2;

export function notesOf(curves: readonly Curve[], { xLog, yLog }: Pick<ChartOptions, "xLog" | "yLog">): string[] {
  return [...notFiniteNotes(curves), ...logNotes(curves, xLog, yLog)];
}

function notFiniteNotes(curves: readonly Curve[]): string[] {
  const found = curves.filter(({ notFinite }) => notFinite.length > 0);
  const named = found.slice(0, MOST_NAMED).map((curve) => `${curve.label} ${divergence(curve)}`);
  return found.length > MOST_NAMED ? [...named, `+${found.length - MOST_NAMED} more with values that are not finite`] : named;
}

/** A curve that is finite again later has only a gap. */
export function divergence({ notFinite, lastFiniteX }: Curve): string {
  const first = notFinite[0];
  if (!first) return "";
  const last = notFinite[notFinite.length - 1] as typeof first;
  return last.x >= lastFiniteX ? `diverged at step ${first.step}: ${first.value}` : `has ${first.value} at step ${first.step}`;
}

function logNotes(curves: readonly Curve[], xLog: boolean, yLog: boolean): string[] {
  const hidden = notOnLogAxis(curves, xLog, yLog);
  if (hidden === 0) return [];
  return [`${formatValue(hidden)} ${hidden === 1 ? "point" : "points"} at or below 0 cannot stand on a log axis`];
}
