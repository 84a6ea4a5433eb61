/** Values as people read them. */
import type { Value } from "../data/types.ts";
import type { Scalar } from "./flatten.ts";

/** The number behind a value that JSON may have had to spell. */
export function numberOf(value: Value | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** Four significant digits, or all digits of a whole number; a share as a percentage where its unit says so. */
export function formatNumber(value: number, unit: string | null = null): string {
  return formatted(value, unit, trim);
}

/** As [`formatNumber`], but each fraction keeps its zeros: digits of a column stand below each other. */
export function formatInColumn(value: number, unit: string | null = null): string {
  return formatted(value, unit, withPlainExponent);
}

function formatted(value: number, unit: string | null, shape: (text: string) => string): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (unit === "%") return `${shape((value * 100).toPrecision(4))} %`;
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e6 ? shape(value.toPrecision(4)) : shape(value.toExponential(3));
}

function withPlainExponent(text: string): string {
  return text.replace("e+", "e");
}

/** Without the zeros at the end of the fraction: they say nothing. */
function trim(text: string): string {
  const [mantissa = "", exponent] = text.split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? short : `${short}e${exponent.replace("+", "")}`;
}

/** For a narrow place: a fraction has four significant digits, and nothing else is cut. */
export function formatScalar(value: Scalar | undefined): string {
  if (value === undefined) return "";
  return typeof value === "number" && !Number.isInteger(value) ? formatNumber(value) : String(value);
}

const UNITS: readonly [seconds: number, letter: string][] = [[86_400, "d"], [3600, "h"], [60, "m"], [1, "s"]];

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
