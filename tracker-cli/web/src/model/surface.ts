/** What is expected between the values at which a surface was told. */
import type { StudyParameter, StudySurface } from "../data/types.ts";
import { numberOf } from "./format.ts";
import type { Range } from "./scale.ts";
import { placeOf } from "./study.ts";

interface Side {
  range: Range;
  log: boolean;
}

/**
 * The mean at shares of both axes, from 0 at the left and at the bottom to 1. Between numbers in proportion, of choices the one
 * whose field it is; NaN where nothing is expected.
 */
export function meanAt(
  { x_values, y_values, means }: StudySurface,
  { x, y }: { x: StudyParameter; y: StudyParameter },
  [across, up]: [Side, Side],
): (across: number, up: number) => number {
  const [columns, rows] = [sharesOf(x, x_values, across), sharesOf(y, y_values, up)];
  const at = (row: number, column: number): number => numberOf(means[row]?.[column]) ?? NaN;
  return (left, bottom) => {
    const [fromX, toX, xShare] = between(columns, left, x.kind === "choice");
    const [fromY, toY, yShare] = between(rows, bottom, y.kind === "choice");
    const mix = (one: number, other: number, share: number): number =>
      share === 0 ? one : share === 1 ? other : one + (other - one) * share;
    return mix(mix(at(fromY, fromX), at(fromY, toX), xShare), mix(at(toY, fromX), at(toY, toX), xShare), yShare);
  };
}

/** Where each value lies along its axis. */
function sharesOf(parameter: StudyParameter, values: StudySurface["x_values"], { range: [low, high], log }: Side): number[] {
  return values.map((value) => {
    const place = placeOf(parameter, value) ?? NaN;
    return log ? Math.log(place / low) / Math.log(high / low) : (place - low) / (high - low);
  });
}

/** The values before and after a place, and how far it is from the one to the other; of choices the nearest alone. */
function between(shares: readonly number[], place: number, isChoice: boolean): [from: number, to: number, share: number] {
  const after = shares.findIndex((share) => share >= place);
  if (after === 0) return [0, 0, 0];
  if (after < 0) return [shares.length - 1, shares.length - 1, 0];
  const [low, high] = [shares[after - 1] as number, shares[after] as number];
  const share = (place - low) / (high - low);
  if (!isChoice) return [after - 1, after, share];
  return share < 0.5 ? [after - 1, after - 1, 0] : [after, after, 0];
}
