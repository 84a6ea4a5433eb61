/** Which settings and results of runs can be drawn against each other, and which of them stand there at first. */
import type { Definitions, Run } from "../data/types.ts";
import { columnsOf, isNumber, titleOf, valueOf } from "./column.ts";
import type { ColumnId } from "./column.ts";
import type { Scalar } from "./flatten.ts";
import { byName } from "./natural.ts";
import { extent } from "./scale.ts";

/** Whether a column is a setting or a result, and not one of the run's own facts. A duration is a result. */
export function isDrawable(column: ColumnId): boolean {
  return /^(config|summary):|^seconds$/.test(column);
}

export function isSetting(column: ColumnId): boolean {
  return column.startsWith("config:");
}

/** What a run has in a column as a number; NaN where it has none. */
export function numberIn(run: Run, column: ColumnId): number {
  const value = valueOf(run, column);
  return isNumber(value) ? Number(value) : NaN;
}

/** The settings and results of these runs; of `numeric` ones, those in which any run has a number. */
export function drawableColumns(runs: readonly Run[], definitions: Definitions): { all: ColumnId[]; numeric: ColumnId[] } {
  const all = columnsOf(runs, definitions).filter(isDrawable);
  return { all, numeric: all.filter((column) => runs.some((run) => isNumber(valueOf(run, column)))) };
}

/** A seed has many values and is nobody's question. */
const SEED = /(^|[.:_-])(seed|rng)$/i;

/**
 * The settings in which the runs differ, those with the most values first, then those whose numbers span the most,
 * and seeds last.
 */
export function varyingSettings(runs: readonly Run[], columns: readonly ColumnId[]): ColumnId[] {
  const told = columns.filter(isSetting).map((column) => {
    const values = new Set<Scalar | undefined>(runs.map((run) => valueOf(run, column)));
    return { column, values: values.size, span: spanOf(values), isSeed: SEED.test(column) };
  });
  const varying = told.filter(({ values }) => values > 1);
  varying.sort(
    (a, b) => Number(a.isSeed) - Number(b.isSeed) || b.values - a.values || b.span - a.span || byName(titleOf(a.column), titleOf(b.column)),
  );
  return varying.map(({ column }) => column);
}

/** How many times the least number goes into the greatest; 1 where that says nothing. */
function spanOf(values: Iterable<Scalar | undefined>): number {
  const range = extent([...values].filter(isNumber).map(Number), true);
  return range ? range[1] / range[0] : 1;
}

/** Numbers that span as much are read off a log axis. */
const SPAN_OF_LOG = 25;

/** Whether an axis of these numbers is a log one before somebody turns it: a setting of positive numbers over decades. */
export function isUsuallyLog(column: ColumnId, values: readonly number[]): boolean {
  const finite = values.filter(Number.isFinite);
  return isSetting(column) && finite.length > 0 && finite.every((value) => value > 0) && spanOf(finite) >= SPAN_OF_LOG;
}

/**
 * The result that runs are judged by at first: that by which the list is sorted, else one of validation, test or training
 * (in this order) that is better when higher, then one that is better when lower, else any.
 */
export function mainResult(columns: readonly ColumnId[], definitions: Definitions, sort: ColumnId): ColumnId | undefined {
  const results = columns.filter((column) => column.startsWith("summary:"));
  if (results.includes(sort)) return sort;
  for (const direction of ["higher", "lower", undefined]) {
    for (const section of ["valid/", "test/", "train/"]) {
      const found = results.find((column) => {
        const metric = titleOf(column);
        return metric.startsWith(section) && (direction === undefined || definitions[metric]?.direction === direction);
      });
      if (found) return found;
    }
  }
  return results.find((column) => !/^summary:(system|batch)\//.test(column)) ?? results[0];
}
