/** What a chart says in words below the picture: what cannot be drawn is told, never left out in silence. */
import { oneLine } from "../model/safe_text.ts";
import { formatCount } from "../model/scale.ts";
import type { Curve } from "./curve.ts";
import { notOnLogAxis } from "./extent.ts";
import type { ChartOptions } from "./types.ts";

/** One line below the chart; `title` says all where the line leaves something out. */
export interface Note {
  /** A name that gives way where there is no room, so that what is said of it stays. */
  name?: string;
  text: string;
  /** What is left out first. */
  rest?: string;
  title?: string;
}

/** A title with more lines would not fit on a screen. */
const MOST_IN_TITLE = 20;

export function notesOf(curves: readonly Curve[], { xLog, yLog }: Pick<ChartOptions, "xLog" | "yLog">): Note[] {
  return [...alertNotes(curves), ...notFiniteNotes(curves), ...logNotes(curves, xLog, yLog)];
}

/** The last alert of those that the chart shows; the others by hovering. */
function alertNotes(curves: readonly Curve[]): Note[] {
  const told = curves.flatMap(({ label, alerts }) => alerts.map(({ x, text }) => ({ x, line: `${label}: ${oneLine(text)}` })));
  told.sort((a, b) => a.x - b.x);
  const last = told.at(-1);
  if (!last) return [];
  if (told.length === 1) return [{ text: `◆ ${last.line}` }];
  const shown = told.slice(-MOST_IN_TITLE).map(({ line }) => line);
  if (told.length > shown.length) shown.unshift(`${told.length - shown.length} before`);
  return [{ text: `◆ ${last.line}, and ${told.length - 1} more`, title: shown.join("\n") }];
}

/** Those that diverged come before those that have only a gap. */
function notFiniteNotes(curves: readonly Curve[]): Note[] {
  const found = curves.filter(({ notFinite }) => notFinite.length > 0);
  found.sort((a, b) => Number(b.diverged !== null) - Number(a.diverged !== null));
  const [first, ...others] = found;
  if (!first) return [];
  const [name, text] = [first.short ?? first.label, divergence(first)];
  if (others.length === 0) return [{ name, text, title: `${first.label} ${text}` }];
  const lines = found.slice(0, MOST_IN_TITLE).map((curve) => `${curve.label} ${divergence(curve)}`);
  if (found.length > lines.length) lines.push(`and ${found.length - lines.length} more`);
  return [{ name, text, rest: `, and ${others.length} more with values that are not finite`, title: lines.join("\n") }];
}

function divergence({ diverged, notFinite }: Curve): string {
  if (diverged) return `diverged at step ${diverged.step}: ${diverged.value}`;
  const first = notFinite[0];
  return first ? `has ${first.value} at step ${first.step}` : "";
}

function logNotes(curves: readonly Curve[], xLog: boolean, yLog: boolean): Note[] {
  const hidden = notOnLogAxis(curves, xLog, yLog);
  if (hidden === 0) return [];
  return [{ text: `${formatCount(hidden)} ${hidden === 1 ? "point" : "points"} at or below 0 cannot stand on a log axis` }];
}
