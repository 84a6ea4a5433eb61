/** Where a forest plot has its marks: differences with their intervals along one axis, around the line of no difference. */
import type { Value } from "../data/types.ts";
import { numberOf } from "./format.ts";
import { ticks } from "./scale.ts";

/** A difference that is drawn. */
export interface ForestRow {
  label: string;
  /** Null where nothing can be said of it. */
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface ForestMark {
  /** Shares of the width. */
  at: number;
  from: number;
  to: number;
}

export interface Forest {
  zero: number;
  ticks: { at: number; value: number }[];
  /** In the order of the rows. */
  marks: (ForestMark | null)[];
}

export function forestRow(label: string, value: Value | null, interval: readonly [Value, Value] | null): ForestRow {
  const finite = (each: Value | null | undefined): number | null => {
    const number = numberOf(each);
    return number !== null && Number.isFinite(number) ? number : null;
  };
  return { label, value: finite(value), low: finite(interval?.[0]), high: finite(interval?.[1]) };
}

/** The axis spans all intervals and zero, with room at both ends. */
export function forest(rows: readonly ForestRow[], most: number): Forest {
  const values = rows.flatMap(({ value, low, high }) => [value, low, high]).filter((each) => each !== null);
  const [least, greatest] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = (greatest - least) * 0.05 || 1;
  const [from, until] = [least - room, greatest + room];
  const place = (value: number): number => (value - from) / (until - from);
  return {
    zero: place(0),
    ticks: ticks([from, until], most, false).map((value) => ({ at: place(value), value })),
    marks: rows.map(({ value, low, high }) =>
      value === null ? null : { at: place(value), from: place(low ?? value), to: place(high ?? value) },
    ),
  };
}
