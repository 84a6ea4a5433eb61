/** A drawing on a canvas. */
import type { Drawing, Font, Mark } from "./drawing.ts";

const FAMILIES: Record<Font, string> = { sans: "Helvetica, Arial, sans-serif", serif: "'Times New Roman', Times, serif" };
/** What printers want; more than three pixels for each of a screen. */
const DOTS_AN_INCH = 300;

export function canvasOf({ width, height, font, marks }: Drawing): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const scale = DOTS_AN_INCH / 72;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  context.scale(scale, scale);
  context.lineJoin = "round";
  for (const mark of marks) paint(context, mark, font);
  return canvas;
}

function paint(context: CanvasRenderingContext2D, mark: Mark, font: Font): void {
  context.save();
  if (mark.kind === "line") {
    context.globalAlpha = mark.opacity ?? 1;
    context.strokeStyle = mark.stroke.color;
    context.lineWidth = mark.stroke.width;
    context.setLineDash([...(mark.stroke.dash ?? [])]);
    trace(context, mark.lines, false);
    context.stroke();
  } else if (mark.kind === "area") {
    context.globalAlpha = mark.opacity ?? 1;
    context.fillStyle = mark.color;
    trace(context, mark.rings, true);
    context.fill();
  } else if (mark.kind === "text") {
    context.fillStyle = mark.color;
    context.font = `${mark.size}px ${FAMILIES[font]}`;
    context.textAlign = mark.anchor === "middle" ? "center" : mark.anchor;
    context.translate(mark.x, mark.y);
    if (mark.upwards) context.rotate(-Math.PI / 2);
    context.fillText(mark.text, 0, 0);
  } else {
    const { left, top, width, height } = mark.box;
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    for (const each of mark.marks) paint(context, each, font);
  }
  context.restore();
}

function trace(context: CanvasRenderingContext2D, lines: readonly (readonly number[])[], closed: boolean): void {
  context.beginPath();
  for (const line of lines) {
    for (let at = 0; at + 1 < line.length; at += 2) {
      if (at === 0) context.moveTo(line[0] as number, line[1] as number);
      else context.lineTo(line[at] as number, line[at + 1] as number);
    }
    if (closed) context.closePath();
  }
}
