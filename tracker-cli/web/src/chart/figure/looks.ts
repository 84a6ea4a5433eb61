/** How lines are told apart on paper, also where it has no colours. */
import type { Curve } from "../curve.ts";
import { DASHES } from "../../model/palette.ts";

export const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "turned"] as const;
export type Shape = (typeof SHAPES)[number];

export interface FigureLook {
  dash: readonly number[];
  /** Null for a line without marks. */
  shape: Shape | null;
  /** Where between two neighbouring places its marks stand, so that those of two lines rarely meet. */
  offset: number;
}

/**
 * With `grey`, no two of the first thirty lines have the same dash and mark. Lines that differ by their dashes on the
 * page, as those of several metrics do, keep them, and marks tell apart those of one dash. `line` is the width of
 * a line.
 */
export function looksOf(curves: readonly Curve[], grey: boolean, line: number): FigureLook[] {
  const isDashed = curves.some(({ dash }) => dash > 0);
  const before = new Map<number, number>();
  return curves.map((curve, at) => {
    const dash = isDashed || !grey ? curve.dash : at % DASHES.length;
    const number = before.get(dash) ?? 0;
    before.set(dash, number + 1);
    const shape = grey && number > 0 ? (SHAPES[(number - 1) % SHAPES.length] ?? null) : null;
    return { dash: (DASHES[dash] ?? []).map((length) => length * 0.6 * line), shape, offset: ((at * 0.37) % 1) * 0.8 + 0.1 };
  });
}

/** The corners of a mark around a place. */
export function shapeAt(shape: Shape, x: number, y: number, size: number): number[] {
  const at = (...corners: readonly [number, number][]): number[] =>
    corners.flatMap(([across, down]) => [x + across * size, y + down * size]);
  switch (shape) {
    case "circle":
      return at(
        ...Array.from({ length: 12 }, (_, turn): [number, number] => [Math.cos((turn * Math.PI) / 6), Math.sin((turn * Math.PI) / 6)]),
      );
    case "square":
      return at([-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]);
    case "triangle":
      return at([0, -1.1], [1, 0.8], [-1, 0.8]);
    case "diamond":
      return at([0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]);
    case "turned":
      return at([0, 1.1], [1, -0.8], [-1, -0.8]);
    case "cross":
      return at(
        [-0.35, -1.1],
        [0.35, -1.1],
        [0.35, -0.35],
        [1.1, -0.35],
        [1.1, 0.35],
        [0.35, 0.35],
        [0.35, 1.1],
        [-0.35, 1.1],
        [-0.35, 0.35],
        [-1.1, 0.35],
        [-1.1, -0.35],
        [-0.35, -0.35],
      );
  }
}
