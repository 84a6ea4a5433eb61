/**
 * What a picture for paper consists of, as one list that becomes SVG, PDF or pixels. All lengths are points, of
 * which 72 are an inch; x grows to the right and y downwards.
 */

export type Font = "sans" | "serif";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Stroke {
  color: string;
  width: number;
  /** Lengths of line and gap; left out, the line is whole. */
  dash?: readonly number[];
}

export type Anchor = "start" | "middle" | "end";

/** A line, an area or a clipped list has its corners as `x0, y0, x1, y1, …`. */
export type Mark =
  | { kind: "line"; lines: readonly (readonly number[])[]; stroke: Stroke; opacity?: number }
  | { kind: "area"; rings: readonly (readonly number[])[]; color: string; opacity?: number }
  | { kind: "text"; x: number; y: number; text: string; size: number; color: string; anchor: Anchor; upwards?: boolean }
  | { kind: "clip"; box: Box; marks: readonly Mark[] };

export interface Drawing {
  width: number;
  height: number;
  font: Font;
  /** What readers of files show as its name. */
  title: string;
  marks: readonly Mark[];
}

/** Readers of PDF know no greater numbers, and no figure is as large. */
const FARTHEST = 30_000;

/** As short as a hundredth of a point needs; what is far outside is no farther than readers know, what is no number is 0. */
export function short(value: number): string {
  const near = Math.min(Math.max(value, -FARTHEST), FARTHEST);
  return Number.isNaN(near) ? "0" : String(Math.round(near * 100) / 100);
}
