/** How large somebody has made a chart. */

import { MOST_COLUMNS } from "./layout_rows.ts";

export interface ChartSize {
  /** In columns of the board; 0 as wide as it is by itself. */
  columns: number;
  /** Of the picture, in pixels; 0 as high as it is by itself. */
  height: number;
}

export const USUAL_SIZE: ChartSize = { columns: 0, height: 0 };
export const USUAL_HEIGHT = 200;
const [LEAST_HEIGHT, MOST_HEIGHT, HEIGHT_STEP] = [120, 1000, 20];

export function isUsualSize({ columns, height }: ChartSize): boolean {
  return columns === 0 && height === 0;
}

/** The nearest size that a chart may have. */
export function sizeNear(columns: number, height: number): ChartSize {
  const stepped = Math.round(height / HEIGHT_STEP) * HEIGHT_STEP;
  return {
    columns: Math.min(Math.max(Math.round(columns), 1), MOST_COLUMNS),
    height: Math.min(Math.max(stepped, LEAST_HEIGHT), MOST_HEIGHT),
  };
}

/** The size of a chart that is drawn with one and asked for another. What was not changed stays as somebody chose it, or did not. */
export function sizeAfter(own: ChartSize, drawn: ChartSize, columns: number, height: number): ChartSize {
  const near = sizeNear(columns, height);
  return {
    columns: Math.abs(columns - drawn.columns) < 0.5 ? own.columns : near.columns,
    height: Math.abs(height - drawn.height) < HEIGHT_STEP / 2 ? own.height : near.height,
  };
}

/** The size after an arrow key: sideways by a column, up and down by two steps. Null for another key. */
export function resized(own: ChartSize, drawn: ChartSize, key: string): ChartSize | null {
  const { columns, height } = drawn;
  switch (key) {
    case "ArrowRight":
      return { ...own, columns: sizeNear(Math.floor(columns) + 1, height).columns };
    case "ArrowLeft":
      return { ...own, columns: sizeNear(Math.ceil(columns) - 1, height).columns };
    case "ArrowDown":
      return sizeAfter(own, drawn, columns, height + 2 * HEIGHT_STEP);
    case "ArrowUp":
      return sizeAfter(own, drawn, columns, height - 2 * HEIGHT_STEP);
    default:
      return null;
  }
}

/** As a word: `2x320`. */
export function formatSize({ columns, height }: ChartSize): string {
  return `${columns}x${height}`;
}

/** What is no such word is the usual size. */
export function parseSize(word: string): ChartSize {
  const [, columns = "0", height = "0"] = /^(\d)x(\d{1,5})$/.exec(word) ?? [];
  const near = sizeNear(Number(columns), Number(height));
  return { columns: Number(columns) === 0 ? 0 : near.columns, height: Number(height) === 0 ? 0 : near.height };
}
