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

/** The size after an arrow key: sideways by a column, up and down by two steps. Null for another key. */
export function resized({ columns, height }: ChartSize, key: string): ChartSize | null {
  switch (key) {
    case "ArrowRight":
      return sizeNear(columns + 1, height);
    case "ArrowLeft":
      return sizeNear(columns - 1, height);
    case "ArrowDown":
      return sizeNear(columns, height + 2 * HEIGHT_STEP);
    case "ArrowUp":
      return sizeNear(columns, height - 2 * HEIGHT_STEP);
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
