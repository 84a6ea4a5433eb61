/**
 * What a formula comes to, point by point. Numbers are those of IEEE 754, as in what is logged: 1 / 0 is infinite,
 * 0 / 0 and the logarithm of a negative number are no number, and charts mark both.
 */
import type { Expression, FunctionName, Sign } from "./formula.ts";

/** The values of each metric, all equally many. */
export type Columns = ReadonlyMap<string, Float64Array>;

/** A curve, or one number for all of it. */
type Value = Float64Array | number;

/** What `first` of each part of the formula was: of a part of a curve it is that of the whole. */
export type Firsts = Map<Expression, number>;

/** One value for each place in the columns. Firsts that are known already are taken, the others are found and noted. */
export function valueOf(expression: Expression, columns: Columns, firsts: Firsts = new Map()): Float64Array {
  const length = columns.values().next().value?.length ?? 0;
  const found = value(expression, columns, firsts);
  return typeof found === "number" ? new Float64Array(length).fill(found) : found;
}

function value(expression: Expression, columns: Columns, firsts: Firsts): Value {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "metric":
      return columns.get(expression.name) ?? NaN;
    case "minus":
      return map([value(expression.of, columns, firsts)], ([of = NaN]) => -of);
    case "operation": {
      const sides = [value(expression.left, columns, firsts), value(expression.right, columns, firsts)];
      return map(sides, OPERATIONS[expression.sign]);
    }
    case "call": {
      const of = expression.of.map((each) => value(each, columns, firsts));
      return expression.name === "first" ? first(expression, of[0] ?? NaN, firsts) : map(of, POINT_BY_POINT[expression.name]);
    }
  }
}

type PointByPoint = (values: readonly number[]) => number;

const OPERATIONS: Record<Sign, PointByPoint> = {
  "+": ([a = NaN, b = NaN]) => a + b,
  "-": ([a = NaN, b = NaN]) => a - b,
  "*": ([a = NaN, b = NaN]) => a * b,
  "/": ([a = NaN, b = NaN]) => a / b,
};

const POINT_BY_POINT: Record<Exclude<FunctionName, "first">, PointByPoint> = {
  exp: ([of = NaN]) => Math.exp(of),
  log: ([of = NaN]) => Math.log(of),
  abs: ([of = NaN]) => Math.abs(of),
  sqrt: ([of = NaN]) => Math.sqrt(of),
  min: (all) => Math.min(...all),
  max: (all) => Math.max(...all),
};

function first(call: Expression, of: Value, firsts: Firsts): number {
  const known = firsts.get(call);
  if (known !== undefined) return known;
  const found = typeof of === "number" ? of : (of.find(Number.isFinite) ?? NaN);
  firsts.set(call, found);
  return found;
}

/** One number for each place, or one for all where all values are. */
function map(values: readonly Value[], of: PointByPoint): Value {
  const curve = values.find((each) => typeof each !== "number");
  if (!curve) return of(values as readonly number[]);
  const here: number[] = [];
  return Float64Array.from({ length: curve.length }, (_, at) => {
    values.forEach((each, index) => (here[index] = typeof each === "number" ? each : (each[at] as number)));
    return of(here);
  });
}
