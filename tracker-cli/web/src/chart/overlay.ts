/**
 * A second canvas over the plot for the highlighted curve: the others fade under a veil, so that moving
 * from curve to curve draws one curve and not all.
 */
import type { Curve } from "./curve.ts";
import { dashed, frameOf, paintLine } from "./paint.ts";
import type { Frame } from "./paint.ts";
import { theme } from "./theme.ts";

const VEIL = 0.72;
const WIDTH = 2.5;

export class Overlay {
  private canvas: HTMLCanvasElement | null = null;

  constructor(private readonly over: HTMLElement) {}

  clear(): void {
    this.canvas?.remove();
    this.canvas = null;
  }

  /** Shows a curve, or those of one run; `frame` is in CSS pixels. */
  show(curves: readonly Curve[], frame: Frame): void {
    this.canvas ??= this.attach();
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(frame.width * ratio);
    this.canvas.height = Math.round(frame.height * ratio);
    const context = this.canvas.getContext("2d");
    if (context) paintHighlight(context, curves, { ...frame, width: this.canvas.width, height: this.canvas.height, ratio });
  }

  private attach(): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    canvas.className = "chart-highlight";
    this.over.prepend(canvas);
    return canvas;
  }
}

function paintHighlight(context: CanvasRenderingContext2D, curves: readonly Curve[], frame: Frame): void {
  context.globalAlpha = VEIL;
  context.fillStyle = theme().surface;
  context.fillRect(0, 0, frame.width, frame.height);
  context.globalAlpha = 1;
  context.lineJoin = "round";
  for (const curve of curves) {
    context.strokeStyle = curve.color;
    context.fillStyle = curve.color;
    dashed(context, frame, curve.dash, () => paintLine(context, frameOf(frame, curve), curve.x, curve.y, WIDTH));
  }
}
