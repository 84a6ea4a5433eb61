/** A chart as a file: the picture with title and legend, or the drawn numbers. */
import type { Curve } from "./curve.ts";
import { DASHES } from "../model/palette.ts";
import { theme } from "./theme.ts";

const MARGIN = 16;
const LINE = 18;
const TITLE = 32;
const MOST_NAMES = 40;

/** The picture on the page's background, with the title above and the runs below. */
export function pictureOf(plot: HTMLCanvasElement, title: string, curves: readonly Curve[]): HTMLCanvasElement {
  const ratio = plot.width / (plot.clientWidth || plot.width);
  const names = curves.slice(0, MOST_NAMES);
  const columns = Math.max(1, Math.floor(plot.width / ratio / 220));
  const rows = Math.ceil((names.length + (curves.length > names.length ? 1 : 0)) / columns);
  const canvas = document.createElement("canvas");
  canvas.width = plot.width + 2 * MARGIN * ratio;
  canvas.height = plot.height + (TITLE + rows * LINE + 2 * MARGIN) * ratio;
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  paintPaper(context, title, ratio);
  context.drawImage(plot, MARGIN * ratio, (MARGIN + TITLE) * ratio);
  context.scale(ratio, ratio);
  paintLegend(context, names, curves.length - names.length, {
    columns,
    top: MARGIN + TITLE + plot.height / ratio,
    width: plot.width / ratio / columns,
  });
  return canvas;
}

function paintPaper(context: CanvasRenderingContext2D, title: string, ratio: number): void {
  const { surface, text, font } = theme();
  context.fillStyle = surface;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.fillStyle = text;
  context.font = `600 ${15 * ratio}px ${font}`;
  context.fillText(title, MARGIN * ratio, (MARGIN + 15) * ratio);
}

function paintLegend(
  context: CanvasRenderingContext2D,
  names: readonly Curve[],
  left: number,
  { columns, top, width }: { columns: number; top: number; width: number },
): void {
  const { text, muted, font } = theme();
  const place = (at: number): [number, number] => [MARGIN + (at % columns) * width, top + (Math.floor(at / columns) + 1) * LINE];
  context.font = `12px ${font}`;
  names.forEach(({ label, color, dash }, at) => {
    const [x, y] = place(at);
    context.strokeStyle = color;
    context.lineWidth = 3;
    context.setLineDash((DASHES[dash] ?? []).map((length) => length / 2));
    context.beginPath();
    context.moveTo(x, y - 6.5);
    context.lineTo(x + 12, y - 6.5);
    context.stroke();
    context.fillStyle = text;
    context.fillText(label.slice(0, 60), x + 18, y - 3, width - 24);
  });
  context.fillStyle = muted;
  if (left > 0) context.fillText(`+${left} more`, ...place(names.length));
}

/** Saves a file by a link that is never seen. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the address when it gets to it, and only then may the memory go.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A metric's name as a file's name. */
export function fileName(metric: string, ending: string): string {
  return `${metric.replace(/[^\w.-]+/g, "-").slice(0, 100) || "chart"}.${ending}`;
}
