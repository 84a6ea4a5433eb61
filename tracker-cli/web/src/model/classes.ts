/** Runs put into few classes by what they have in a setting. */
import { isNumber } from "./column.ts";
import type { Scalar } from "./flatten.ts";

export interface Classes {
  /** The class of each run, from 0. */
  of: Int32Array;
  count: number;
}

/**
 * At most `most` classes: one a value where there are so few; else numbers by their places, about as many runs in each,
 * and of words the most frequent ones, with the others together. What is missing is a class of its own.
 */
export function classesOf(values: readonly (Scalar | undefined)[], most: number): Classes {
  const counts = new Map<Scalar | undefined, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const there = [...counts].filter(([value]) => value !== undefined) as [Scalar, number][];
  const classOf: Map<Scalar | undefined, number> = new Map(
    there.length <= most ? there.map(([value], at) => [value, at]) : grouped(there, most),
  );
  if (counts.has(undefined)) classOf.set(undefined, most);
  return renumbered(values.map((value) => classOf.get(value) ?? 0));
}

function grouped(counts: [Scalar, number][], most: number): [Scalar, number][] {
  const numbers = counts.filter(([value]) => isNumber(value));
  if (numbers.length < counts.length) {
    const byCount = [...counts].sort((a, b) => b[1] - a[1]);
    return byCount.map(([value], at): [Scalar, number] => [value, Math.min(at, most - 1)]);
  }
  numbers.sort((a, b) => Number(a[0]) - Number(b[0]));
  const all = numbers.reduce((sum, [, count]) => sum + count, 0);
  let before = 0;
  return numbers.map(([value, count]) => {
    const middle = before + count / 2;
    before += count;
    return [value, Math.min(most - 1, Math.floor((middle / all) * most))];
  });
}

/** Without classes that nobody is in. */
function renumbered(classes: readonly number[]): Classes {
  const numbers = new Map<number, number>();
  const of = Int32Array.from(classes, (each) => {
    const known = numbers.get(each) ?? numbers.size;
    numbers.set(each, known);
    return known;
  });
  return { of, count: numbers.size };
}

/** The runs that are in each pair of classes of two settings: how many, and the sum of what they have. */
export interface Cells {
  rows: number;
  columns: number;
  counts: Float64Array;
  sums: Float64Array;
}

export function cellsOf(a: Classes, b: Classes, values: Float64Array): Cells {
  const cells = { rows: a.count, columns: b.count, counts: new Float64Array(a.count * b.count), sums: new Float64Array(a.count * b.count) };
  for (let at = 0; at < values.length; at += 1) {
    const cell = (a.of[at] as number) * b.count + (b.of[at] as number);
    cells.counts[cell] = (cells.counts[cell] as number) + 1;
    cells.sums[cell] = (cells.sums[cell] as number) + (values[at] as number);
  }
  return cells;
}
