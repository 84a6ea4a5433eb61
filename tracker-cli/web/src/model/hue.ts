/** Colours of runs by what they have in a column: a ramp over numbers, a colour for each word. */
import type { Run } from "../data/types.ts";
import { isNumber, valueOf } from "./column.ts";
import type { ColumnId } from "./column.ts";
import { byName } from "./natural.ts";
import { HUES, PLAIN } from "./palette.ts";
import { extent, share } from "./scale.ts";
import type { Range } from "./scale.ts";

/** From the least to the greatest number, in steps that every kind of colour vision tells apart, 3:1 against the background. */
const RAMP = {
  light: ["#1f2a7a", "#a8327d", "#d55e00"],
  dark: ["#7f97ff", "#e07bb5", "#ffd76a"],
} as const;

/** What the colours mean. */
export type HueKey =
  | { kind: "ramp"; range: Range; log: boolean; stops: readonly string[] }
  | { kind: "words"; words: { word: string; color: string }[]; others: number };

export interface Hues {
  key: HueKey;
  of(run: Run): string;
}

export function huesBy(runs: readonly Run[], column: ColumnId, log: boolean, dark: boolean): Hues {
  const values = runs.map((run) => valueOf(run, column)).filter((value) => value !== undefined);
  return values.every(isNumber) ? byRamp(values.map(Number), column, log, dark) : byWord(values.map(String), column, dark);
}

function byRamp(values: readonly number[], column: ColumnId, log: boolean, dark: boolean): Hues {
  const { key, of } = ramp(values, log, dark);
  return {
    key,
    of: (run) => {
      const value = valueOf(run, column);
      return of(isNumber(value) ? Number(value) : NaN);
    },
  };
}

/** Colours from the least to the greatest of these numbers; grey for what is none. */
export function ramp(values: readonly number[], log: boolean, dark: boolean): { key: HueKey; of(value: number): string } {
  const stops = RAMP[dark ? "dark" : "light"];
  const range = extent(values, log) ?? [0, 1];
  return {
    key: { kind: "ramp", range, log, stops },
    of: (value) => {
      const at = range[0] === range[1] && Number.isFinite(value) ? 0.5 : share(value, range, log);
      return Number.isFinite(at) ? between(stops, Math.min(1, Math.max(0, at))) : PLAIN.color;
    },
  };
}

function byWord(values: readonly string[], column: ColumnId, dark: boolean): Hues {
  const all = [...new Set(values)].sort(byName);
  const words = all.slice(0, HUES.length).map((word, at) => ({ word, color: HUES[at]?.[dark ? "dark" : "light"] ?? PLAIN.color }));
  const colors = new Map(words.map(({ word, color }) => [word, color]));
  return {
    key: { kind: "words", words, others: all.length - words.length },
    of: (run) => colors.get(String(valueOf(run, column))) ?? PLAIN.color,
  };
}

/** A colour between the stops, from 0 to 1. In 32 steps, so that what has nearly the same colour is painted together. */
function between(stops: readonly string[], at: number): string {
  const place = (Math.round(at * 32) / 32) * (stops.length - 1);
  const from = Math.min(Math.floor(place), stops.length - 2);
  const [a, b] = [channels(stops[from] as string), channels(stops[from + 1] as string)];
  const mixed = a.map((channel, index) => Math.round(channel + ((b[index] as number) - channel) * (place - from)));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}
