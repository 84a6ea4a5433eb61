/** What settings and results of runs there are to draw, and what of them is drawn. */
import type { ParallelAxis, ParallelLine, ScatterPoint } from "../chart/index.ts";
import type { Definitions, Run } from "../data/types.ts";
import { headingOf, isNumber, unitOf, valueOf } from "../model/column.ts";
import type { ColumnId } from "../model/column.ts";
import { formatScalar } from "../model/format.ts";
import { huesBy } from "../model/hue.ts";
import type { Hues } from "../model/hue.ts";
import { byName } from "../model/natural.ts";
import { PLAIN } from "../model/palette.ts";
import type { Looks } from "../model/palette.ts";
import { isFlipped, isLog, OWN_HUE } from "../model/results_choice.ts";
import type { ResultsKind, ResultsView } from "../model/results_choice.ts";
import { drawableColumns, isUsuallyLog, mainResult, numberIn, varyingSettings } from "../model/results_columns.ts";
import { oneLine } from "../model/safe_text.ts";
import { runLabel } from "./run_name.tsx";

/** More runs are no picture of runs any more. */
export const MOST_RUNS = 10_000;

/** What there is to choose from, and what is chosen or usual. */
export interface Results {
  runs: readonly Run[];
  /** How many runs there are in all. */
  of: number;
  definitions: Definitions;
  /** All settings and results; those with numbers; the settings in which the runs differ, the most varying first. */
  all: readonly ColumnId[];
  numeric: readonly ColumnId[];
  varying: readonly ColumnId[];
  across: ColumnId | undefined;
  up: ColumnId | undefined;
  axes: readonly ColumnId[];
  scales: readonly string[];
}

const AXES_AT_FIRST = 5;

export function resultsOf(all: readonly Run[], definitions: Definitions, chosen: ResultsView, sort: ColumnId): Results {
  const runs = all.length > MOST_RUNS ? all.slice(0, MOST_RUNS) : all;
  const columns = drawableColumns(runs, definitions);
  const varying = varyingSettings(runs, columns.all);
  const up = columns.numeric.includes(chosen.up) ? chosen.up : mainResult(columns.numeric, definitions, sort);
  const across = columns.all.includes(chosen.across) ? chosen.across : (varying[0] ?? columns.numeric.find((column) => column !== up));
  const axes = chosen.axes.filter((column) => columns.all.includes(column));
  return {
    runs,
    of: all.length,
    definitions,
    ...columns,
    varying,
    across,
    up,
    axes: axes.length > 0 ? axes : [...varying.slice(0, AXES_AT_FIRST), ...(up ? [up] : [])],
    scales: chosen.scales,
  };
}

export function labelIn({ definitions }: Results, column: ColumnId): string {
  return oneLine(headingOf(column, definitions));
}

export function unitIn({ definitions }: Results, column: ColumnId): string | undefined {
  return unitOf(column, definitions);
}

/** What a column has in these runs: numbers, or the words of an axis. */
export function wordsIn({ runs }: Results, column: ColumnId): string[] | undefined {
  const values = runs.map((run) => valueOf(run, column)).filter((value) => value !== undefined);
  return values.every(isNumber) ? undefined : [...new Set(values.map(String))].sort(byName);
}

export function isLogIn(results: Results, column: ColumnId): boolean {
  const usually = isUsuallyLog(
    column,
    results.runs.map((run) => numberIn(run, column)),
  );
  return isLog(results.scales, column, usually);
}

/** The colours of the runs; null where each has its own. Parallel axes are coloured by the result unless somebody chooses. */
export function huesIn(results: Results, kind: ResultsKind, hue: ColumnId, dark: boolean): { hues: Hues; column: ColumnId } | null {
  const column = hue !== "" ? hue : kind === "parallel" ? (results.up ?? OWN_HUE) : OWN_HUE;
  if (column === OWN_HUE || !results.all.includes(column)) return null;
  return { hues: huesBy(results.runs, column, isLogIn(results, column), dark), column };
}

/** A run's value in words, for who points at it. */
export function told(results: Results, run: Run, column: ColumnId): string {
  const value = valueOf(run, column);
  return `${labelIn(results, column)} ${value === undefined ? "missing" : oneLine(formatScalar(value))}`;
}

export function pointsOf(
  { runs }: Results,
  across: ColumnId,
  up: ColumnId,
  words: readonly string[] | undefined,
  hues: Hues | null,
  looks: Looks,
): ScatterPoint[] {
  const places = words && new Map(words.map((word, at) => [word, at]));
  return runs.map((run) => ({
    id: run.id,
    label: runLabel(run),
    color: hues ? hues.of(run) : (looks.get(run.id) ?? PLAIN).color,
    x: places ? (places.get(String(valueOf(run, across))) ?? NaN) : numberIn(run, across),
    y: numberIn(run, up),
  }));
}

export function axesOf(results: Results): ParallelAxis[] {
  return results.axes.map((column) => {
    const [label, flip, words] = [labelIn(results, column), isFlipped(results.scales, column), wordsIn(results, column)];
    if (words) return { label, log: false, flip, categories: words };
    return { label, unit: unitIn(results, column), log: isLogIn(results, column), flip };
  });
}

export function linesOf({ runs, axes: columns }: Results, axes: readonly ParallelAxis[], hues: Hues | null, looks: Looks): ParallelLine[] {
  const places = axes.map(({ categories }) => categories && new Map(categories.map((word, at) => [word, at])));
  return runs.map((run) => {
    const look = looks.get(run.id) ?? PLAIN;
    const values = columns.map((column, at) => {
      const value = valueOf(run, column);
      if (value === undefined) return null;
      return places[at] ? (places[at].get(String(value)) ?? null) : isNumber(value) ? Number(value) : null;
    });
    return { id: run.id, label: runLabel(run), color: hues ? hues.of(run) : look.color, dash: hues ? 0 : look.dash, values };
  });
}
