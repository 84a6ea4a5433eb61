/**
 * The picture: uPlot draws axes, grid, crosshair and selection, and this file paints the curves into it.
 *
 * Each run has positions of its own, and a thousand of them would be a thousand series to uPlot, each
 * with its own cursor element; so uPlot knows only the corners of the plane.
 */
import uPlot from "uplot";
import { formatTick, ticks } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import { formatXTick } from "../model/x_axis.ts";
import type { Curve } from "./curve.ts";
import { standsFor } from "./curve.ts";
import { Overlay } from "./overlay.ts";
import { paintTicks } from "./marks.ts";
import type { Tick } from "./marks.ts";
import { dashed, frameOf, paintAlerts, paintBand, paintLine, paintMarkers, placeX } from "./paint.ts";
import type { Frame } from "./paint.ts";
import { theme } from "./theme.ts";

/** What uPlot cannot change once it is made. */
export interface PlotKind {
  x: string;
  xLog: boolean;
  yLog: boolean;
  syncKey: string;
  unit: string | undefined;
  /** What the axis on the right is read by; null where there is none. */
  right: { unit: string | undefined } | null;
}

/** In CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

export interface Picture {
  curves: readonly Curve[];
  xRange: Range;
  yRange: Range;
  rightRange?: Range;
  ticks: readonly Tick[];
}

/** What the pointer does. */
export interface PlotEvents {
  /** The pointer is at a place of the plot, in CSS pixels, or has left it. */
  onPointer(at: { left: number; top: number } | null): void;
  onZoom(range: Range): void;
  onReset(): void;
  /** Whether a double click would lead back to the whole. */
  isZoomed(): boolean;
  /** Somebody has clicked without dragging. */
  onClick(at: { left: number; top: number }): void;
}

/** More envelopes than this hide each other. */
const MOST_ENVELOPES = 30;
/** Up to so many curves are drawn a little thicker. Lines of one pixel are much faster, and clearer where they are many. */
const FEW = 8;
const LEAST_DRAG = 4;
/** A second click that comes later is one of its own. */
const DOUBLE_CLICK_MS = 250;
/** The width of a tick's words on the x axis, with room around them. */
const ROOM_OF_NUMBER = 60;
const ROOM_OF_TIME = 90;

export class Plot {
  private readonly chart: uPlot;
  private readonly overlay: Overlay;
  private picture: Picture;
  private hovered = false;
  private highlighted: string | null = null;
  /** A line over the plane, which moves without painting the curves anew. */
  private readonly line = document.createElement("div");
  private lineAt: number | null = null;

  constructor(
    target: HTMLElement,
    private readonly size: Size,
    readonly kind: PlotKind,
    picture: Picture,
    private readonly events: PlotEvents,
  ) {
    this.picture = picture;
    this.chart = new uPlot(this.options(), corners(picture), target);
    // The page says in words what the picture shows.
    this.chart.root.setAttribute("aria-hidden", "true");
    this.overlay = new Overlay(this.chart.over);
    this.line.className = "chart-step";
    this.line.hidden = true;
    this.chart.over.append(this.line);
    this.listenToClicks();
    this.chart.over.addEventListener("pointerenter", () => {
      this.hovered = true;
    });
    this.chart.over.addEventListener("pointerleave", () => {
      this.hovered = false;
      this.events.onPointer(null);
    });
  }

  show(picture: Picture): void {
    this.picture = picture;
    this.chart.setData(corners(picture));
  }

  resize({ width, height }: Size): void {
    if (width === this.chart.width && height === this.chart.height) return;
    this.chart.setSize({ width, height });
  }

  destroy(): void {
    this.chart.destroy();
  }

  /** A click that a second one follows is a double click, which has a meaning of its own. */
  private listenToClicks(): void {
    const { over } = this.chart;
    let pressed: { x: number; y: number } | null = null;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    over.addEventListener("pointerdown", ({ clientX, clientY }) => (pressed = { x: clientX, y: clientY }));
    over.addEventListener("click", ({ clientX, clientY, detail, button }) => {
      clearTimeout(waiting);
      const isDrag = !pressed || Math.hypot(clientX - pressed.x, clientY - pressed.y) >= LEAST_DRAG;
      if (isDrag || detail > 1 || button !== 0) return;
      const { left, top } = over.getBoundingClientRect();
      const at = { left: clientX - left, top: clientY - top };
      waiting = setTimeout(() => this.events.onClick(at), this.events.isZoomed() ? DOUBLE_CLICK_MS : 0);
    });
  }

  /** Stands a line at a position of the x axis; null takes it away. */
  markAt(x: number | null): void {
    this.lineAt = x;
    this.placeLine();
  }

  private placeLine(): void {
    this.line.hidden = this.lineAt === null;
    // To ask for the frame lays out the page.
    if (this.lineAt === null) return;
    const frame = this.frame();
    const left = placeX(frame)(this.lineAt);
    this.line.hidden = !(left >= 0 && left <= frame.width);
    if (!this.line.hidden) this.line.style.transform = `translateX(${left}px)`;
  }

  /** Moves the crosshair, also that of the other charts; in CSS pixels. */
  pointAt(left: number, top: number): void {
    this.chart.setCursor({ left, top });
    const { clientWidth, clientHeight } = this.chart.over;
    uPlot.sync(this.kind.syncKey).pub("mousemove", this.chart, left, top, clientWidth, clientHeight, 0);
  }

  /** Draws one curve, or all of one run, thick and the others faint; null draws all alike. */
  highlight(id: string | null): void {
    if (id === this.highlighted) return;
    this.highlighted = id;
    this.paintHighlight();
  }

  private paintHighlight(): void {
    const id = this.highlighted;
    const curves = id === null ? [] : this.picture.curves.filter((one) => standsFor(one, id));
    if (curves.length > 0) this.overlay.show(curves, this.frame());
    else this.overlay.clear();
  }

  /** The plane in CSS pixels from the corner of the plot. */
  frame(): Frame {
    const { over } = this.chart;
    return { ...this.plane(), left: 0, top: 0, width: over.clientWidth, height: over.clientHeight, ratio: 1 };
  }

  /** The element that spans the plane. */
  get over(): HTMLElement {
    return this.chart.over;
  }

  private plane(): Pick<Frame, "xRange" | "yRange" | "rightRange" | "xLog" | "yLog"> {
    const { curves: _, ticks: __, ...ranges } = this.picture;
    return { ...ranges, xLog: this.kind.xLog, yLog: this.kind.yLog };
  }

  private options(): uPlot.Options {
    const { x, xLog, yLog, right, unit } = this.kind;
    const series: uPlot.Series = { paths: () => null, points: { show: false } };
    return {
      ...this.size,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      series: [{}, series, ...(right ? [{ ...series, scale: "right" }] : [])],
      scales: {
        x: { time: x === "wall", distr: xLog ? 3 : 1, range: () => this.picture.xRange },
        y: { distr: yLog ? 3 : 1, range: () => this.picture.yRange },
        ...(right ? { right: { distr: yLog ? 3 : 1, range: () => this.picture.rightRange ?? this.picture.yRange } } : {}),
      },
      axes: [this.xAxis(), this.yAxis(unit), ...(right ? [this.rightAxis(right.unit)] : [])],
      cursor: this.cursor(),
      hooks: {
        draw: [() => this.paint()],
        setCursor: [(chart) => this.pointed(chart)],
        setSelect: [(chart) => this.selected(chart)],
      },
    };
  }

  private xAxis(): uPlot.Axis {
    const { x, xLog } = this.kind;
    const own: uPlot.Axis =
      x === "wall"
        ? {}
        : {
            splits: (chart, _, min, max) =>
              ticks([min, max], Math.max(2, Math.floor(chart.width / (x === "relative" ? ROOM_OF_TIME : ROOM_OF_NUMBER))), xLog),
            values: (_, splits) => splits.map((value) => formatXTick(x, value)),
          };
    return { ...this.axis(), ...own, filter: (_, splits) => splits, size: 24 };
  }

  /** Its numbers on the right; the lines across are those of the left one. */
  private rightAxis(unit: string | undefined): uPlot.Axis {
    return { ...this.yAxis(unit), scale: "right", side: 1, grid: { show: false } };
  }

  private yAxis(unit: string | undefined): uPlot.Axis {
    return {
      ...this.axis(),
      size: 52,
      splits: (chart, _, min, max) => ticks([min, max], Math.max(2, Math.floor(chart.height / 32)), this.kind.yLog),
      values: (_, splits) => splits.map((value) => formatTick(value, unit)),
      filter: (_, splits) => splits,
    };
  }

  private axis(): uPlot.Axis {
    const { muted, line, font } = theme();
    return { stroke: muted, font: `11px ${font}`, gap: 4, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  }

  private cursor(): uPlot.Cursor {
    const moves = (type: string): boolean => type === "mousemove" || type === "mouseleave";
    return {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      sync: { key: this.kind.syncKey, scales: ["x", null], setSeries: false, filters: { pub: moves, sub: moves } },
      bind: {
        dblclick: () => () => {
          this.events.onReset();
          return null;
        },
      },
    };
  }

  /** A crosshair that another chart moved has no pointer here, hence no tooltip. */
  private pointed(chart: uPlot): void {
    const { left = -1, top = -1 } = chart.cursor;
    if (this.hovered) this.events.onPointer(left < 0 ? null : { left, top });
  }

  private selected(chart: uPlot): void {
    const { left, width } = chart.select;
    if (width < LEAST_DRAG) return;
    const range: Range = [chart.posToVal(left, "x"), chart.posToVal(left + width, "x")];
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.events.onZoom(range);
  }

  private paint(): void {
    const { ctx, bbox } = this.chart;
    const frame: Frame = { ...this.plane(), ...bbox, ratio: uPlot.pxRatio };
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    paintCurves(ctx, frame, this.picture.curves);
    paintTicks(ctx, frame, this.picture.ticks);
    ctx.restore();
    this.paintHighlight();
    this.placeLine();
  }
}

/** Bands below, faint raw values above them, lines over both, the best run last. */
function paintCurves(context: CanvasRenderingContext2D, frame: Frame, curves: readonly Curve[]): void {
  context.lineJoin = "bevel";
  if (curves.length <= MOST_ENVELOPES) for (const curve of curves) paintEnvelope(context, frame, curve);
  context.globalAlpha = 0.25;
  for (const curve of curves) if (curve.raw) stroke(context, frame, curve, curve.raw, 1);
  const width = curves.length > FEW ? 1 : 1.5;
  context.globalAlpha = curves.length > 10 * MOST_ENVELOPES ? 0.6 : 1;
  for (const curve of curves) if (!curve.best) stroke(context, frame, curve, curve.y, width);
  context.globalAlpha = 1;
  for (const curve of curves) if (curve.best) stroke(context, frame, curve, curve.y, 2.5);
  for (const curve of curves) if (curve.notFinite.length > 0) mark(context, frame, curve, paintMarkers);
  for (const curve of curves) if (curve.alerts.length > 0) mark(context, frame, curve, paintAlerts);
}

function paintEnvelope(context: CanvasRenderingContext2D, frame: Frame, curve: Curve): void {
  if (!curve.low || !curve.high) return;
  context.globalAlpha = curve.grouped ? 0.2 : 0.13;
  context.fillStyle = curve.color;
  paintBand(context, frameOf(frame, curve), curve.x, curve.low, curve.high);
}

function stroke(context: CanvasRenderingContext2D, frame: Frame, curve: Curve, y: ArrayLike<number>, width: number): void {
  context.strokeStyle = curve.color;
  context.fillStyle = curve.color;
  dashed(context, frame, curve.dash, () => paintLine(context, frameOf(frame, curve), curve.x, y, width));
}

function mark(context: CanvasRenderingContext2D, frame: Frame, curve: Curve, paint: typeof paintAlerts): void {
  context.strokeStyle = curve.color;
  context.fillStyle = curve.color;
  paint(context, frame, curve);
}

/** uPlot needs some data to set its scales by. */
function corners({ xRange, yRange, rightRange }: Picture): uPlot.AlignedData {
  return [[...xRange], [...yRange], ...(rightRange ? [[...rightRange]] : [])];
}
