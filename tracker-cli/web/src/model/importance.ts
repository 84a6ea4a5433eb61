/**
 * How much of a result hangs on which setting, told from the runs that are there and no model of them.
 *
 * Each run's result is replaced by its place among all results, so that one diverged loss says no more than "worst".
 * The runs are put into classes by a setting (`classes.ts`), and the share of the places' variance between the classes
 * is taken, less what as many classes explain by chance: `1 - (1 - R²)(n - 1)/(n - k)` for n runs in k classes. That is the
 * effect size η² of Kruskal and Wallis' test, `(H - k + 1)/(n - k)`, and the test says whether it may be chance
 * (5 % over all settings together, by Bonferroni).
 *
 * What two settings do only together is the same share of their pairs of classes, beyond that of the best sum of an
 * effect of one and an effect of the other. Three and more together are not looked for. Settings that vary together in
 * these runs cannot be told apart, and each is named beside the other.
 */
import type { Run } from "../data/types.ts";
import { isNumber, valueOf } from "./column.ts";
import type { ColumnId } from "./column.ts";
import { cellsOf, classesOf } from "./classes.ts";
import type { Cells, Classes } from "./classes.ts";
import { correlationOfRanks, ranksOf } from "./ranks.ts";
import { numberIn } from "./results_columns.ts";

/** Fewer runs than these say nothing of a setting, or of two together. */
export const LEAST_RUNS = 10;
export const LEAST_FOR_PAIRS = 24;
/** Pairs are looked for among these many settings, the most important first. */
const MOST_IN_PAIRS = 12;
const CLASSES = { most: 8, runsEach: 3 };
/** How much more two settings must explain together to be told. */
const LEAST_TOGETHER = 0.05;
/** Cramér's V from which on two settings are said to vary together. */
const ALIKE = 0.9;
const LEVEL = 0.05;

export interface SettingImportance {
  column: ColumnId;
  /** From 0 to 1. */
  share: number;
  /** Whether as much may come by chance. */
  isChance: boolean;
  /** The rank correlation of setting and result; null where the setting is no number everywhere. */
  correlation: number | null;
  /** Settings that vary with it in these runs. */
  alike: ColumnId[];
  /** Settings with which it does more than both do alone, and how much more. */
  together: { column: ColumnId; share: number }[];
}

export type Importance =
  | { kind: "none"; why: string }
  | {
      kind: "told";
      /** How many runs have the result, and how many have none or one that is not finite. */
      runs: number;
      leftOut: number;
      /** Whether there are runs enough to look for settings that do something together. */
      hasPairs: boolean;
      settings: SettingImportance[];
    };

interface Looked extends SettingImportance {
  classes: Classes;
}

/** The importance of these settings for a result, the greatest first. */
export function importanceOf(runs: readonly Run[], settings: readonly ColumnId[], result: ColumnId): Importance {
  const told = runs.filter((run) => Number.isFinite(numberIn(run, result)));
  const results = told.map((run) => numberIn(run, result));
  if (told.length < LEAST_RUNS) return { kind: "none", why: tooFew(told.length) };
  const places = ranksOf(results);
  const ranks = Float64Array.from(places, (place) => place - (told.length + 1) / 2);
  if (ranks.every((rank) => rank === 0)) return { kind: "none", why: "All runs have the same result." };
  const most = classesFor(told.length);
  const looked = settings.flatMap((column): Looked[] => {
    const values = told.map((run) => valueOf(run, column));
    const classes = classesOf(values, most);
    if (classes.count < 2) return [];
    const correlation = values.every(isNumber) ? correlationOfRanks(ranksOf(values.map(Number)), places) : null;
    return [{ column, classes, share: shareOf(ranks, classes), isChance: false, correlation, alike: [], together: [] }];
  });
  if (looked.length === 0) return { kind: "none", why: "These runs have the same settings: change one, and its effect is told here." };
  for (const each of looked)
    each.isChance = !isBeyondChance(explained(ranks, each.classes) * (told.length - 1), each.classes.count - 1, looked.length);
  looked.sort((a, b) => b.share - a.share);
  lookForPairs(looked, ranks);
  return {
    kind: "told",
    runs: told.length,
    leftOut: runs.length - told.length,
    hasPairs: told.length >= LEAST_FOR_PAIRS,
    settings: looked.map(({ classes: _, ...told }) => told),
  };
}

function tooFew(runs: number): string {
  const there = runs === 0 ? "no run has" : runs === 1 ? "one run has" : `${runs} runs have`;
  return `Too few runs to tell: ${there} this result, and ${LEAST_RUNS} are needed.`;
}

function classesFor(runs: number): number {
  return Math.max(2, Math.min(CLASSES.most, Math.floor(runs / CLASSES.runsEach)));
}

/** The share of the variance that lies between the classes. */
function explained(ranks: Float64Array, classes: Classes): number {
  const alone: Classes = { of: new Int32Array(ranks.length), count: 1 };
  return between(cellsOf(classes, alone, ranks)) / squares(ranks);
}

function between({ counts, sums }: Cells): number {
  let sum = 0;
  counts.forEach((count, at) => {
    if (count > 0) sum += (sums[at] as number) ** 2 / count;
  });
  return sum;
}

function squares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

/** The share that is explained, less what as many parameters explain by chance; 0 at least. */
function adjusted(share: number, runs: number, parameters: number): number {
  return runs > parameters ? Math.max(0, 1 - ((1 - share) * (runs - 1)) / (runs - parameters)) : 0;
}

function shareOf(ranks: Float64Array, classes: Classes): number {
  return adjusted(explained(ranks, classes), ranks.length, classes.count);
}

/** Whether a value of chi squared is beyond what chance gives at the level that all tests share. */
function isBeyondChance(chiSquared: number, freedom: number, tests: number): boolean {
  const part = 2 / (9 * freedom);
  return chiSquared > freedom * (1 - part + normalBeyond(LEVEL / tests) * Math.sqrt(part)) ** 3;
}

/** The normal deviate that is exceeded with this probability, to 5e-4 (Abramowitz and Stegun 26.2.23). */
function normalBeyond(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(probability));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

function lookForPairs(looked: readonly Looked[], ranks: Float64Array): void {
  const among = looked.slice(0, MOST_IN_PAIRS);
  const pairs = (among.length * (among.length - 1)) / 2;
  among.forEach((a, at) => {
    for (const b of among.slice(at + 1)) {
      const cells = cellsOf(a.classes, b.classes, ranks);
      if (isAlike(cells)) {
        a.alike.push(b.column);
        b.alike.push(a.column);
      } else if (ranks.length >= LEAST_FOR_PAIRS) {
        const share = togetherOf(cells, ranks, pairs);
        if (share < LEAST_TOGETHER) continue;
        a.together.push({ column: b.column, share });
        b.together.push({ column: a.column, share });
      }
    }
  });
  for (const each of among) each.together.sort((a, b) => b.share - a.share);
}

/** Whether one setting tells the other in these runs, by Cramér's V. */
function isAlike({ rows, columns, counts }: Cells): boolean {
  const [ofRows, ofColumns] = [new Float64Array(rows), new Float64Array(columns)];
  counts.forEach((count, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    ofRows[row] = (ofRows[row] as number) + count;
    ofColumns[column] = (ofColumns[column] as number) + count;
  });
  let sum = 0;
  counts.forEach((count, at) => {
    sum += count ** 2 / ((ofRows[Math.floor(at / columns)] as number) * (ofColumns[at % columns] as number));
  });
  return Math.sqrt((sum - 1) / (Math.min(rows, columns) - 1)) >= ALIKE;
}

/** How much two settings explain together beyond the sum of what each does; 0 where that may be chance. */
function togetherOf(cells: Cells, ranks: Float64Array, pairs: number): number {
  const [runs, whole] = [ranks.length, squares(ranks)];
  const parameters = cells.rows + cells.columns - 1;
  const filled = cells.counts.filter((count) => count > 0).length;
  // Pairs of classes that hardly any run is in say nothing, and take all freedom away.
  if (filled <= parameters || filled * 2 > runs) return 0;
  const both = between(cells) / whole;
  const sum = both - beyondSum(cells) / whole;
  const left = Math.max(1 - both, 1e-12) / (runs - filled);
  if (!isBeyondChance((both - sum) / left, filled - parameters, pairs)) return 0;
  return Math.max(0, adjusted(both, runs, filled) - adjusted(sum, runs, parameters));
}

/** Rounds in which the effects of two settings are fitted in turns. */
const ROUNDS = 30;

/** What the best sum of an effect of one setting and one of the other leaves of the variance between the cells. */
function beyondSum(cells: Cells): number {
  const rest = { ...cells, sums: cells.sums.slice() };
  const { rows, columns } = cells;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let row = 0; row < rows; row += 1) takeMean(rest, row * columns, 1, columns);
    for (let column = 0; column < columns; column += 1) takeMean(rest, column, columns, rows);
  }
  return between(rest);
}

/** Takes the mean of a row or a column off its cells. */
function takeMean({ counts, sums }: Cells, from: number, step: number, length: number): void {
  let [sum, count] = [0, 0];
  for (let at = 0; at < length; at += 1) {
    sum += sums[from + at * step] as number;
    count += counts[from + at * step] as number;
  }
  for (let at = 0; at < length; at += 1) {
    const cell = from + at * step;
    sums[cell] = (sums[cell] as number) - ((counts[cell] as number) * sum) / count;
  }
}
