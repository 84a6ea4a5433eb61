/** What a study's page draws of its trials. */
import type { Json, StudyDetail, StudyMetric, StudyParameter, StudyTrial, Value } from "../data/types.ts";
import { formatNumber, formatScalar, numberOf } from "./format.ts";
import { byName } from "./natural.ts";
import { oneLine } from "./safe_text.ts";

/** A study with all of its trials. */
export type Study = Omit<StudyDetail, "from" | "listed"> & { all: readonly StudyTrial[] };

/** Puts what was answered behind the trials that are known before it; a study that was begun anew is another one. */
export function joined(known: Study | null, answer: StudyDetail): Study {
  const { from, listed, ...told } = answer;
  const before = known && known.all.length >= from ? known.all.slice(0, from) : [];
  return { ...told, all: [...before, ...listed] };
}

/** From which trial on to ask: those before have ended, and do not change any more. */
export function askFrom(known: Study | null): number {
  if (!known) return 0;
  const open = known.all.findIndex(({ state }) => state === "waiting" || state === "running");
  return open < 0 ? known.all.length : open;
}

/** The value of a trial by a metric; NaN while there is none. A pruned trial with one metric has what it had come to last. */
export function valueOfTrial(trial: StudyTrial, metric: number): number {
  const value = numberOf(trial.values[metric]);
  if (value !== null) return value;
  const last = trial.state === "pruned" && metric === 0 ? trial.on_the_way.at(-1) : undefined;
  return last ? Number(last[1]) : NaN;
}

export function isBetter(metric: StudyMetric, one: number, other: number): boolean {
  return metric.goal === "maximize" ? one > other : one < other;
}

export interface Point {
  x: number;
  y: number;
}

/** The corners of the line of the best value so far, by trial number: up to the last trial. */
export function bestSoFar(trials: readonly StudyTrial[], metric: StudyMetric, place: number): Point[] {
  const corners: Point[] = [];
  let best = NaN;
  for (const trial of trials) {
    const value = trial.state === "complete" ? valueOfTrial(trial, place) : NaN;
    if (!Number.isFinite(value) || !(Number.isNaN(best) || isBetter(metric, value, best))) continue;
    if (corners.length > 0) corners.push({ x: trial.number, y: best });
    corners.push({ x: trial.number, y: value });
    best = value;
  }
  const last = trials.at(-1)?.number;
  if (corners.length > 0 && last !== undefined) corners.push({ x: last, y: best });
  return corners;
}

/** The corners of the line along the front of two metrics: below and left of it, or where better is, nobody has been. */
export function frontLine(trials: readonly StudyTrial[], front: readonly number[], metrics: readonly StudyMetric[]): Point[] {
  const ahead = new Set(front);
  const points = trials
    .filter(({ number }) => ahead.has(number))
    .map((trial) => ({ x: valueOfTrial(trial, 0), y: valueOfTrial(trial, 1) }))
    .sort((a, b) => a.x - b.x || a.y - b.y);
  // Between two of the front, the better one of the first metric is worse in the second.
  const lessIsBetter = metrics[0]?.goal === "minimize";
  return points.flatMap((point, at) => {
    const next = points[at + 1];
    if (!next) return [point];
    return [point, lessIsBetter ? { x: next.x, y: point.y } : { x: point.x, y: next.y }];
  });
}

/** The value of a parameter as a number to draw: of a choice its place in the list; null where it is not there. */
export function placeOf(parameter: StudyParameter, value: Json | undefined): number | null {
  if (value === undefined) return null;
  if (parameter.kind !== "choice") return typeof value === "number" ? value : null;
  const found = parameter.choices.findIndex((choice) => JSON.stringify(choice) === JSON.stringify(value));
  return found < 0 ? null : found;
}

/** The words of the choices of a parameter; undefined for a number. */
export function wordsOf(parameter: StudyParameter): string[] | undefined {
  return parameter.kind === "choice" ? parameter.choices.map(paramText) : undefined;
}

/** A parameter's value as people read it. */
export function paramText(value: Json | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return formatScalar(value);
  return oneLine(typeof value === "string" ? value : JSON.stringify(value));
}

/** `lr 0.0012, act gelu`, in the order of the study. */
export function paramsText(parameters: readonly StudyParameter[], params: { readonly [name: string]: Json }): string {
  return parameters
    .filter(({ name }) => params[name] !== undefined)
    .map(({ name }) => `${oneLine(name)} ${paramText(params[name])}`)
    .join(", ");
}

export function valueText(value: Value | undefined): string {
  const number = numberOf(value);
  return number === null ? "" : formatNumber(number);
}

/** When a parameter is there: `if act is gelu or silu`; empty for always. */
export function whenText({ when }: StudyParameter): string {
  const all = when.map(({ parameter, values }) => `${oneLine(parameter)} is ${values.map(paramText).join(" or ")}`);
  return all.length === 0 ? "" : `if ${all.join(" and ")}`;
}

/** The parameters that can be drawn against something, those that matter most first. */
export function byImportance(study: Pick<Study, "parameters" | "importance">, metric: number): StudyParameter[] {
  const shares = new Map((study.importance[metric]?.shares ?? []).map(({ parameter, share }) => [parameter, share]));
  return [...study.parameters].sort((a, b) => (shares.get(b.name) ?? -1) - (shares.get(a.name) ?? -1));
}

const ORDER = ["complete", "pruned", "running", "waiting", "failed"];

/** The trials in the order of a column: `number`, `state`, `seconds`, `value:PLACE` or `param:NAME`. What has none is last. */
export function sorted(study: Study, column: string, descending: boolean): StudyTrial[] {
  const key = keyOf(study, column);
  const keyed = study.all.map((trial) => ({ trial, key: key(trial) }));
  const isMissing = (each: number | string | null): boolean => each === null || Number.isNaN(each);
  keyed.sort((a, b) => {
    if (isMissing(a.key) || isMissing(b.key)) return Number(isMissing(a.key)) - Number(isMissing(b.key)) || a.trial.number - b.trial.number;
    const order = typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : byName(String(a.key), String(b.key));
    return (descending ? -order : order) || a.trial.number - b.trial.number;
  });
  return keyed.map(({ trial }) => trial);
}

function keyOf(study: Study, column: string): (trial: StudyTrial) => number | string | null {
  if (column === "state") return ({ state }) => ORDER.indexOf(state);
  if (column === "seconds") return secondsOf;
  if (column.startsWith("value:")) {
    const place = Number(column.slice("value:".length));
    return (trial) => valueOfTrial(trial, place);
  }
  if (column.startsWith("param:")) {
    const parameter = study.parameters.find(({ name }) => name === column.slice("param:".length));
    return (trial) => (parameter ? placeOf(parameter, trial.params[parameter.name]) : null);
  }
  return ({ number }) => number;
}

/** How long it took; null while it trains, and where nobody knows. */
export function secondsOf({ started_at: started, ended_at: ended }: StudyTrial): number | null {
  const seconds = started && ended ? (Date.parse(ended) - Date.parse(started)) / 1000 : NaN;
  return Number.isFinite(seconds) ? seconds : null;
}

/** Whether trials are still to come, as far as the journal says. */
export function isOver(study: Study): boolean {
  const { trials, run_cap: cap } = study;
  const open = trials.waiting + trials.running;
  return open === 0 && (study.asked_to_stop || (cap !== null && trials.all >= cap));
}

/** The two parameters of the contour before somebody has chosen: those that matter most. */
export function usualPair(study: Study, metric: number): [string, string] | null {
  const [x, y] = byImportance(study, metric);
  return x && y ? [x.name, y.name] : null;
}

/** Values above 0 over more decades than this are read on a log scale. */
const SPANS = 50;

export function isLogLike(values: readonly number[]): boolean {
  let [least, greatest] = [Infinity, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return least > 0 && least < Infinity && greatest / least >= SPANS;
}
