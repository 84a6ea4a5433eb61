/**
 * What somebody has chosen for one chart: which metrics it shows, its name, its axes. Each choice is one word of the
 * address and of what the browser keeps, so both read the same.
 */
import { formatSize, isUsualSize, parseSize, USUAL_SIZE } from "./chart_size.ts";
import type { ChartSize } from "./chart_size.ts";
import { formatAxes, isUsual, parseAxes } from "./own_axes.ts";
import type { OwnAxes } from "./own_axes.ts";
import { formatResults, parseResults } from "./results_choice.ts";
import type { ResultsChoice } from "./results_choice.ts";
import type { Range } from "./scale.ts";

/** One metric of a chart, or a formula over metrics. */
export interface Line {
  /** The metric's name; of a formula its text. */
  metric: string;
  isFormula?: boolean;
  /** Measured by the axis on the right. */
  right?: boolean;
}

/** A part of an x axis that a chart shows. */
export interface Zoom {
  /** The axis, in the words of the view. */
  x: string;
  range: Range;
}

export interface ChartChoice {
  /** Which chart: `m:METRIC` for the one that a metric has by itself, `c:NUMBER` for an added one. */
  key: string;
  /** Empty for the usual one. */
  name: string;
  /** In the order in which they came; empty for the metric that the chart is there for. */
  lines: Line[];
  axes: OwnAxes;
  /** Stands in the address and is not kept: tomorrow a chart shows all again. */
  zoom: Zoom | null;
  /** An added chart of settings against results in the place of curves. */
  results?: ResultsChoice;
  size: ChartSize;
}

export function keyOfMetric(metric: string): string {
  return `m:${metric}`;
}

/** The metric whose own chart it is; null of an added one. */
export function metricOfKey(key: string): string | null {
  return key.startsWith("m:") ? key.slice(2) : null;
}

/** Whether the chart was added, and is not that of a metric. */
export function isAdded({ key }: ChartChoice): boolean {
  return metricOfKey(key) === null;
}

/** A chart about which nothing is chosen. */
export function usualChoice(key: string): ChartChoice {
  return { key, name: "", lines: [], axes: {}, zoom: null, size: USUAL_SIZE };
}

/** The first key that no added chart has. */
export function freeKey(choices: readonly ChartChoice[]): string {
  const taken = new Set(choices.map(({ key }) => key));
  let number = 1;
  while (taken.has(`c:${number}`)) number += 1;
  return `c:${number}`;
}

/** What the chart shows. */
export function linesOf({ key, lines }: ChartChoice): Line[] {
  const metric = metricOfKey(key);
  return lines.length > 0 || metric === null ? lines : [{ metric }];
}

export function sameLine(a: Line, b: Line): boolean {
  return a.metric === b.metric && (a.isFormula ?? false) === (b.isFormula ?? false);
}

/** With one more line, once. */
export function withLine(choice: ChartChoice, line: Line): ChartChoice {
  const lines = linesOf(choice);
  return lines.some((each) => sameLine(each, line)) ? choice : { ...choice, lines: [...lines, line] };
}

export function withoutLine(choice: ChartChoice, line: Line): ChartChoice {
  return { ...choice, lines: linesOf(choice).filter((each) => !sameLine(each, line)) };
}

/** With the metric measured by the other axis. */
export function withOtherAxis(choice: ChartChoice, line: Line): ChartChoice {
  const turned = ({ right, ...rest }: Line): Line => (right ? rest : { ...rest, right: true });
  return { ...choice, lines: linesOf(choice).map((each) => (sameLine(each, line) ? turned(each) : each)) };
}

/** Whether the choice says anything: a chart of one metric, its own, is as it always is. */
export function saysNothing({ key, name, lines, axes, zoom, results, size }: ChartChoice): boolean {
  const [only, ...more] = lines;
  if (metricOfKey(key) === null) return only === undefined && !results;
  return (
    name === "" &&
    isUsual(axes) &&
    zoom === null &&
    isUsualSize(size) &&
    more.length === 0 &&
    (only === undefined || sameLine(only, { metric: metricOfKey(key) ?? "" }))
  );
}

/** The choices with this one in the place of the older one, or without it where it says nothing. */
export function withChoice(choices: readonly ChartChoice[], choice: ChartChoice): ChartChoice[] {
  if (saysNothing(choice)) return choices.filter(({ key }) => key !== choice.key);
  const known = choices.some(({ key }) => key === choice.key);
  return known ? choices.map((each) => (each.key === choice.key ? choice : each)) : [...choices, choice];
}

/** The choice as one word. */
export function formatChoice({ key, name, lines, axes, zoom, results, size }: ChartChoice): string {
  const words = new URLSearchParams({ of: key });
  if (name !== "") words.append("name", name);
  for (const { metric, isFormula, right } of lines) words.append(`${isFormula ? "f" : "m"}${right ? "r" : ""}`, metric);
  for (const [word, value] of formatAxes(axes)) words.append(word, value);
  if (zoom) words.append("zoom", `${zoom.range.join(" ")} ${zoom.x}`);
  if (results) for (const [word, value] of formatResults(results)) words.append(word, value);
  if (!isUsualSize(size)) words.append("size", formatSize(size));
  return words.toString();
}

/** The choice of a word; null where it names no chart. What it does not know is ignored, so that old words keep working. */
export function parseChoice(word: string): ChartChoice | null {
  const words = new URLSearchParams(word);
  const key = words.get("of") ?? "";
  if (!/^(m:.|c:\d+$)/s.test(key)) return null;
  const lines: Line[] = [];
  for (const [word, metric] of words) {
    if (!/^[mf]r?$/.test(word)) continue;
    const line: Line = { metric, ...(word.startsWith("f") ? { isFormula: true } : {}), ...(word.endsWith("r") ? { right: true } : {}) };
    if (!lines.some((each) => sameLine(each, line))) lines.push(line);
  }
  const results = key.startsWith("c:") ? parseResults(words) : null;
  const choice = {
    key,
    name: words.get("name") ?? "",
    lines,
    axes: parseAxes(words),
    zoom: parseZoom(words.get("zoom") ?? ""),
    ...(results ? { results } : {}),
    size: parseSize(words.get("size") ?? ""),
  };
  return saysNothing(choice) ? null : choice;
}

function parseZoom(word: string): Zoom | null {
  const [, from, to, x] = /^(\S+) (\S+) (.+)$/s.exec(word) ?? [];
  const range: Range = [Number(from), Number(to)];
  return x !== undefined && range.every(Number.isFinite) && range[0] < range[1] ? { x, range } : null;
}

/** What of the choices is kept until another day. */
export function keptChoices(choices: readonly ChartChoice[]): ChartChoice[] {
  return choices.map((choice) => ({ ...choice, zoom: null })).filter((choice) => !saysNothing(choice));
}

/** All choices, the first of those for one chart. */
export function parseChoices(words: readonly string[]): ChartChoice[] {
  const found = new Map<string, ChartChoice>();
  for (const word of words) {
    const choice = parseChoice(word);
    if (choice && !found.has(choice.key)) found.set(choice.key, choice);
  }
  return [...found.values()];
}
