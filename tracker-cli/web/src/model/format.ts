/** Values as people read them. */
import type { Value } from "../data/types.ts";
import type { Scalar } from "./flatten.ts";
import { oneLine } from "./safe_text.ts";

/** The number behind a value that JSON may have had to spell. */
export function numberOf(value: Value | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/**
 * A value as people read it, as the command line shows it too: at least four significant digits, whole numbers whole, fractions with
 * the unit `%` as percent, bytes in kB, MB and so on, and the unit behind.
 */
export function formatNumber(value: number, unit: string | null = null): string {
  if (unit === "%" && Number.isFinite(value)) return `${percent(value * 100)} %`;
  if ((unit === "B" || unit === "B/s") && Number.isFinite(value)) return bytes(value, unit);
  return unit ? `${digits(value)} ${oneLine(unit)}` : digits(value);
}

const THOUSANDS: readonly [number, string][] = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** Bytes in the greatest unit of which there is one. */
function bytes(value: number, unit: string): string {
  const [size, prefix] = THOUSANDS.find(([size]) => Math.abs(value) >= size) ?? [1, ""];
  return `${digits(value / size)} ${prefix}${unit}`;
}

/** Two decimals; what is less than they show, or too great to be read, has the digits of any other number. */
function percent(value: number): string {
  const size = Math.abs(value);
  return size === 0 || (size >= 0.1 && size < 1e7) ? signOf(value) + fixed(size, 2) : digits(value);
}

function digits(value: number): string {
  const [sign, size] = [signOf(value), Math.abs(value)];
  if (Number.isNaN(value)) return "NaN";
  if (size === Infinity) return `${sign}∞`;
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return sign + exponential(size, 4);
  if (Number.isInteger(size)) return sign + String(size);
  return sign + fixed(size, size >= 100 ? 2 : size >= 0.1 ? 4 : size >= 0.01 ? 5 : 6);
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

function fixed(size: number, decimals: number): string {
  return toEven(size.toFixed(decimals), size.toFixed(decimals + MORE));
}

function exponential(size: number, decimals: number): string {
  const [up = "", exponent = ""] = size.toExponential(decimals).split("e");
  const [long = "", ofLong] = size.toExponential(decimals + MORE).split("e");
  return `${exponent === ofLong ? toEven(up, long) : up}e${exponent.replace("+", "")}`;
}

/** Digits enough to tell a number half-way between two others from one that is nearly there. */
const MORE = 30;
const HALF = `5${"0".repeat(MORE - 1)}`;

/** JavaScript rounds up what lies half-way between two; the command line takes the one with an even last digit. */
function toEven(up: string, long: string): string {
  const down = long.slice(0, -MORE);
  return long.endsWith(HALF) && /[02468]$/.test(down) ? down : up;
}

/** Without the zeros at the end of the fraction: they say nothing. */
function trim(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** For a narrow place: a fraction of more digits than a value has is cut to those, and nothing else is. */
export function formatScalar(value: Scalar | undefined): string {
  if (value === undefined) return "";
  const written = String(value);
  if (typeof value !== "number" || Number.isInteger(value)) return written;
  const shown = formatNumber(value);
  return written.length <= shown.length ? written : shown;
}

const UNITS: readonly [seconds: number, letter: string][] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
  [1, "s"],
];

/** The two greatest units: `2d 3h`, `4m 10s`, `0.4s`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.max(seconds, 0).toFixed(1)}s`;
  const at = UNITS.findIndex(([size]) => seconds >= size);
  const [size, letter] = UNITS[at] ?? [1, "s"];
  const next = UNITS[at + 1];
  const rest = next ? Math.floor((seconds % size) / next[0]) : 0;
  return `${Math.floor(seconds / size)}${letter}${next && rest > 0 ? ` ${rest}${next[1]}` : ""}`;
}

/** How long ago, in the greatest unit. */
export function formatAge(time: string, now: number): string {
  const seconds = Math.max((now - Date.parse(time)) / 1000, 0);
  if (Number.isNaN(seconds)) return "";
  const [size, letter] = UNITS.find(([each]) => seconds >= each) ?? [1, "s"];
  return `${Math.floor(seconds / size)}${letter}`;
}

/** A time to the second, where the reader is: `2026-03-01 14:05:09`. */
export function formatTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const two = (part: number): string => String(part).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${trim((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
