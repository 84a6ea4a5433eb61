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
      return point(value(expression.of, columns, firsts), 0, (of) => -of);
    case "operation":
      return point(value(expression.left, columns, firsts), value(expression.right, columns, firsts), OPERATIONS[expression.sign]);
    case "call": {
      const [of = NaN, ...more] = expression.of.map((each) => value(each, columns, firsts));
      if (expression.name === "first") return first(expression, of, firsts);
      const each = POINT_BY_POINT[expression.name];
      return more.length === 0 ? point(of, 0, each) : more.reduce<Value>((all, next) => point(all, next, each), of);
    }
  }
}

/** Of two values; those that need one leave the second alone. */
type PointByPoint = (a: number, b: number) => number;

const OPERATIONS: Record<Sign, PointByPoint> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

const POINT_BY_POINT: Record<Exclude<FunctionName, "first">, PointByPoint> = {
  exp: (of) => Math.exp(of),
  log: (of) => Math.log(of),
  abs: (of) => Math.abs(of),
  sqrt: (of) => Math.sqrt(of),
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
};

function first(call: Expression, of: Value, firsts: Firsts): number {
  const known = firsts.get(call);
  if (known !== undefined) return known;
  const found = typeof of === "number" ? of : (of.find(Number.isFinite) ?? NaN);
  firsts.set(call, found);
  return found;
}

/** One number for each place, or one for all where both values are. A plain loop: it has a turn for each point of each run. */
function point(a: Value, b: Value, of: PointByPoint): Value {
  if (typeof a === "number" && typeof b === "number") return of(a, b);
  const length = typeof a === "number" ? (b as Float64Array).length : a.length;
  const found = new Float64Array(length);
  for (let at = 0; at < length; at += 1)
    found[at] = of(typeof a === "number" ? a : (a[at] as number), typeof b === "number" ? b : (b[at] as number));
  return found;
}
