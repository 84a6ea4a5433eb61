/** What the items of media come to, without a browser. */
import type { MediaItem, TableValue } from "../data/types.ts";
import { formatNumber, numberOf } from "./format.ts";
import { oneLine } from "./safe_text.ts";

/** How a file is shown. */
export function shownAs(item: MediaItem): "image" | "video" | "audio" | "table" | "plot" | "link" {
  if (item.type === "image") return "image";
  if (item.type === "table") return "table";
  if (item.type !== "file") return item.type === "unknown" ? "link" : "plot";
  if (["png", "jpg", "gif", "webp"].includes(item.ext)) return "image";
  if (["mp4", "webm"].includes(item.ext)) return "video";
  return ["wav", "mp3", "ogg"].includes(item.ext) ? "audio" : "link";
}

/** The points of a curve as those of an SVG's polyline in a square of this side, y upwards. */
export function polyline(points: readonly (readonly [number, number, number | null])[], side: number): string {
  const place = (share: number): string => (Math.min(Math.max(share, 0), 1) * side).toFixed(1);
  return points.map(([x, y]) => `${place(x)},${place(1 - y)}`).join(" ");
}

/** How dark a place of a confusion matrix is: its share of what is true there, from 0 to 1. */
export function shareOfRow(counts: readonly number[], classes: number, row: number, column: number): number {
  let sum = 0;
  for (let at = 0; at < classes; at += 1) sum += counts[row * classes + at] ?? 0;
  return sum === 0 ? 0 : (counts[row * classes + column] ?? 0) / sum;
}

/** A cell as text; a picture is none. */
export function cellText(value: TableValue | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return oneLine(value);
  return "";
}

/** The hash of the picture in a cell. */
export function cellHash(value: TableValue | undefined): string | null {
  return typeof value === "object" && value !== null ? value.sha256 : null;
}

/** What a click on the heading of a column sorts by next: upwards, downwards, not at all. */
export function nextSort(sort: string | null, column: string): string | null {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? null : column;
}

/** The area of a curve in words. */
export function areaText(area: number): string {
  return `area ${numberOf(area)?.toFixed(4) ?? "–"}`;
}
