/** How somebody wants pictures of charts: the size, the letters, what stands in them. */
import type { Font } from "./drawing.ts";

export interface FigureChoice {
  /** In millimetres. */
  width: number;
  height: number;
  font: Font;
  /** Of the letters, in points. */
  size: number;
  /** Whether the title stands above it: a paper has its own words below. */
  title: boolean;
  /** Lines differ by dashes and marks too, so that they are told apart without colours. */
  grey: boolean;
}

export interface Preset {
  name: string;
  text: string;
  width: number;
  height: number;
  size: number;
}

export const PRESETS: readonly Preset[] = [
  { name: "column", text: "One column, 85 mm wide", width: 85, height: 60, size: 8 },
  { name: "columns", text: "Two columns, 175 mm wide", width: 175, height: 90, size: 8 },
  { name: "slide", text: "Slide 16:9, 960 × 540 px", width: 254, height: 142.875, size: 18 },
];

export const USUAL: FigureChoice = { width: 85, height: 60, font: "sans", size: 8, title: false, grey: true };

/** The preset of a size; null for one that was typed. */
export function presetOf({ width, height, size }: FigureChoice): Preset | null {
  return PRESETS.find((preset) => preset.width === width && preset.height === height && preset.size === size) ?? null;
}

const LIMITS = { width: [20, 1000], height: [20, 1000], size: [4, 40] } as const;

/** A number within its limits; null for what is none. */
export function within(field: keyof typeof LIMITS, typed: string): number | null {
  const value = typed.trim() === "" ? NaN : Number(typed);
  const [least, most] = LIMITS[field];
  return value >= least && value <= most ? value : null;
}

/** What was kept, as far as it is a choice: another version may have kept something else. */
export function readChoice(text: string | null): FigureChoice {
  let kept: Partial<Record<keyof FigureChoice, unknown>> = {};
  try {
    const read: unknown = JSON.parse(text ?? "{}");
    if (typeof read === "object" && read !== null) kept = read;
  } catch {
    // What is no JSON was not kept by this page.
  }
  const number = (field: keyof typeof LIMITS): number => within(field, String(kept[field] ?? "")) ?? USUAL[field];
  const bool = (field: "title" | "grey"): boolean => (typeof kept[field] === "boolean" ? kept[field] : USUAL[field]);
  return {
    width: number("width"),
    height: number("height"),
    size: number("size"),
    font: kept.font === "serif" ? "serif" : "sans",
    title: bool("title"),
    grey: bool("grey"),
  };
}
