/** Settings against results, as somebody has chosen to see them: in the address, and kept as a chart of the board. */
import { titleOf } from "./column.ts";
import type { ColumnId } from "./column.ts";
import { oneLine } from "./safe_text.ts";

export const KINDS = ["scatter", "parallel", "importance"] as const;
export type ResultsKind = (typeof KINDS)[number];

/** Colours by a column; by this word, each run has its own. */
export const OWN_HUE = "run";

/** What a picture of settings and results shows. Empty fields stand for the usual ones. */
export interface ResultsView {
  /** The axes of the scatter plot; `up` is the result everywhere. */
  across: ColumnId;
  up: ColumnId;
  /** The column that gives the colours, or `OWN_HUE`. */
  hue: ColumnId;
  /** The parallel axes. */
  axes: readonly ColumnId[];
  /** How axes differ from the usual ones, each as a word: `log COLUMN`, `linear COLUMN` or `flip COLUMN`. */
  scales: readonly string[];
}

/** One such picture, kept as a chart. */
export interface ResultsChoice extends ResultsView {
  kind: ResultsKind;
}

/** Whether the axis of a column is a log one; `usually` before somebody has turned it. */
export function isLog(scales: readonly string[], column: ColumnId, usually: boolean): boolean {
  return scales.includes(`log ${column}`) || (usually && !scales.includes(`linear ${column}`));
}

export function withLog(scales: readonly string[], column: ColumnId, on: boolean): string[] {
  const others = scales.filter((word) => word !== `log ${column}` && word !== `linear ${column}`);
  return [...others, `${on ? "log" : "linear"} ${column}`];
}

/** Whether the axis of a column stands on its head. */
export function isFlipped(scales: readonly string[], column: ColumnId): boolean {
  return scales.includes(`flip ${column}`);
}

export function withFlip(scales: readonly string[], column: ColumnId, on: boolean): string[] {
  const others = scales.filter((word) => word !== `flip ${column}`);
  return on ? [...others, `flip ${column}`] : others;
}

/** As words of a chart's choice. */
export function formatResults({ kind, across, up, hue, axes, scales }: ResultsChoice): [key: string, value: string][] {
  const single: [string, string][] = [
    ["as", kind],
    ["across", across],
    ["up", up],
    ["hue", hue],
  ];
  return [
    ...single.filter(([, value]) => value !== ""),
    ...axes.map((column): [string, string] => ["axis", column]),
    ...scales.map((word): [string, string] => ["scale", word]),
  ];
}

/** Null where the words are of no such picture, or of a kind that this version does not know. */
export function parseResults(words: URLSearchParams): ResultsChoice | null {
  const kind = KINDS.find((each) => each === words.get("as"));
  if (!kind) return null;
  const word = (key: string): string => words.get(key) ?? "";
  return { kind, across: word("across"), up: word("up"), hue: word("hue"), axes: words.getAll("axis"), scales: words.getAll("scale") };
}

/** What such a picture is called before somebody names it. */
export function titleOfResults({ kind, across, up }: Pick<ResultsChoice, "kind" | "across" | "up">): string {
  const [setting, result] = [oneLine(titleOf(across)), oneLine(titleOf(up))];
  switch (kind) {
    case "scatter":
      return `${result} over ${setting}`;
    case "importance":
      return `What ${result} hangs on`;
    case "parallel":
      return `Settings and ${result}`;
  }
}
