/** One chart's life between the page's properties, the server's answers and the picture. */
import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Range } from "../model/scale.ts";
import { xName } from "../model/x_axis.ts";
import { curvesOfLines } from "./curve.ts";
import type { Curve } from "./curve.ts";
import { placeAfterKey } from "./cursor_keys.ts";
import { hitAt } from "./hit.ts";
import type { Hit } from "./hit.ts";
import { withBounds, xExtent, yExtent } from "./extent.ts";
import type { Scale, Shown } from "./figure/figure.ts";
import { MOST_IN_LEGEND } from "./legend.tsx";
import type { LegendItem } from "./legend.tsx";
import { ticksOf, wordsNear } from "./marks.ts";
import type { Tick } from "./marks.ts";
import { nearby, positionAt } from "./nearby.ts";
import { notesOf } from "./notes.ts";
import type { Note } from "./notes.ts";
import { watchOnScreen } from "./on_screen.ts";
import { NOTHING_OUTSIDE, outside, tellOutside } from "./outside.ts";
import { frameOf, isFinitePlace, placeX, placeY } from "./paint.ts";
import { Plot } from "./plot.ts";
import type { Picture, PlotKind, Size } from "./plot.ts";
import { isPrinting, onPrint } from "./printing.ts";
import { Sources } from "./sources.ts";
import { onTheme } from "./theme.ts";
import { formatX } from "../model/x_axis.ts";
import { metricsOf } from "../model/formula.ts";
import { nearestIndex } from "../model/scale.ts";
import { hideTooltip, showTooltip } from "./tooltip.ts";
import { warmUp } from "./warm_up.ts";
import type { ChartLine, ChartOptions, ChartProps } from "./types.ts";

export type ChartState = "idle" | "loading" | "drawn" | "empty" | "error";

/** What the chart says beside its picture. */
export interface View {
  state: ChartState;
  busy: boolean;
  error: string | null;
  notes: Note[];
  /** How many points are not in sight, because the axes were cut. */
  outside: string;
  /** The names of the first curves, for who sees the chart alone. */
  legend: LegendItem[];
  curves: number;
}

export const IDLE: View = { state: "idle", busy: false, error: null, notes: [], outside: "", legend: [], curves: 0 };

export interface Hooks {
  onView(view: View): void;
  onZoom(range: Range | null): void;
}

/** The properties that change the picture. */
const PICTURED = ["runs", "lines", "options", "syncKey", "marks"] as const satisfies (keyof ChartProps)[];

export class Controller {
  private readonly sources = new Sources(() => this.schedule());
  private readonly stops: (() => void)[];
  private plot: Plot | null = null;
  private props: ChartProps | null = null;
  private zoom: Range | null = null;
  private near = false;
  private onScreen = false;
  private size: Size = { width: 400, height: 200 };
  private frameRequest = 0;
  private hovered: string | null = null;
  private lit: string | null = null;
  private stopListening: () => void = () => undefined;
  private reported = "";
  private outside = NOTHING_OUTSIDE;
  private ticks: Tick[] = [];
  /** Where the keyboard has led to, on the x axis. */
  private cursor: number | null = null;
  /** What is drawn now; the export writes the same. */
  curves: readonly Curve[] = [];
  private picture: Picture | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly body: HTMLElement,
    private readonly hooks: Hooks,
  ) {
    const resize = new ResizeObserver((entries) => this.resize(entries[0]?.contentRect));
    resize.observe(body);
    this.stops = [
      () => resize.disconnect(),
      watchOnScreen(root, (near) => {
        this.near = near;
        this.enter(near || isPrinting());
      }),
      onPrint((printing) => this.enter(this.near || printing)),
      onTheme(() => this.redrawAnew()),
    ];
  }

  /** New points alone change no picture before they have been fetched, and what a click would do changes none at all. */
  update(props: ChartProps, zoom: Range | null): void {
    const redraw = zoom !== this.zoom || PICTURED.some((key) => props[key] !== this.props?.[key]);
    if (props.highlight !== this.props?.highlight) this.listen(props.highlight);
    if (props.options.x !== this.props?.options.x) this.cursor = null;
    this.props = props;
    this.markStep();
    this.zoom = zoom;
    if (!this.onScreen) return;
    this.ask();
    if (redraw) this.schedule();
  }

  retry(): void {
    this.sources.retry();
    this.schedule();
  }

  /** What a figure of a paper shows; null while nothing is drawn. */
  shown(title: string, lines: readonly ChartLine[]): Shown | null {
    const { picture, props } = this;
    if (!picture || !props) return null;
    const { x, xLog, yLog } = props.options;
    const ofAxis = (isRight: boolean, range: Range): Scale => {
      const those = lines.length > 1 ? lines.filter(({ right = false }) => right === isRight) : lines;
      return { label: those.map((line) => line.title).join(", "), unit: sharedUnit(those), range };
    };
    const { curves, xRange, yRange, rightRange } = picture;
    // Where all are measured on the right, there is but one axis.
    const isRight = !rightRange && lines.length > 1 && lines.every(({ right }) => right);
    const right = rightRange ? ofAxis(true, rightRange) : null;
    return { title, curves, x, xLabel: xName(x), xRange, xLog, yLog, y: ofAxis(isRight, yRange), right };
  }

  /** Lights one curve, as the pointer over it does. */
  light(id: string | null): void {
    this.hovered = id;
    this.lightUp();
  }

  /** The run that stands out on the page does here too, without the page being drawn anew. */
  private listen(highlight: ReadonlySignal<string | null> | undefined): void {
    this.stopListening();
    if (highlight)
      this.stopListening = effect(() => {
        this.lit = highlight.value;
        if (this.onScreen) this.lightUp();
      });
  }

  private lightUp(): void {
    this.plot?.highlight(this.hovered ?? this.lit);
  }

  destroy(): void {
    cancelAnimationFrame(this.frameRequest);
    for (const stop of this.stops) stop();
    this.stopListening();
    this.sources.pause();
    this.leavePointer();
    this.plot?.destroy();
    this.plot = null;
  }

  private enter(visible: boolean): void {
    if (visible === this.onScreen) return;
    this.onScreen = visible;
    if (!visible) return this.sources.pause();
    this.ask();
    this.schedule();
  }

  private ask(): void {
    if (!this.props) return;
    this.sources.want(this.props, this.zoom);
    warmUp();
  }

  /** Several answers and properties of one frame are drawn once. */
  private schedule(): void {
    // Paper waits for no frame.
    if (isPrinting()) return queueMicrotask(() => this.draw());
    if (this.frameRequest !== 0) return;
    this.frameRequest = requestAnimationFrame(() => {
      this.frameRequest = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { props } = this;
    if (!props || !this.onScreen) return;
    const { options } = props;
    this.curves = curvesOfLines(props.runs, props.lines, this.sources.series, options);
    const whole = xExtent(this.curves, options.xLog);
    const drawn = whole !== null && this.drawPlot(props, visible(this.zoom, whole, options.xLog));
    this.report(this.stateOf(drawn));
  }

  /** A picture without any finite value still has its markers. */
  private drawPlot(props: ChartProps, xRange: Range): boolean {
    const { options, syncKey } = props;
    const { x, xLog, yLog, low, high } = options;
    const [onLeft, onRight] = [this.curves.filter(({ right }) => !right), this.curves.filter(({ right }) => right)];
    const yRange = withBounds(rangeOf(onLeft, xRange, options), low, high, yLog);
    const right = onRight.length > 0 ? { rightRange: rangeOf(onRight, xRange, options) } : {};
    this.ticks = ticksOf(this.curves, props);
    const picture: Picture = { curves: this.curves, xRange, yRange, ...right, ticks: this.ticks };
    this.picture = picture;
    const kind = { x, xLog, yLog, syncKey, unit: sharedUnit(onLeft), right: onRight.length > 0 ? { unit: sharedUnit(onRight) } : null };
    this.outside = isCut(options)
      ? outside(this.curves, xRange, (curve) => (curve.right ? (picture.rightRange ?? yRange) : yRange))
      : NOTHING_OUTSIDE;
    this.keepKind(kind);
    if (this.plot) this.plot.show(picture);
    else this.plot = new Plot(this.body, this.size, kind, picture, this);
    this.lightUp();
    this.markStep();
    this.describe(xRange, yRange, picture.rightRange);
    return true;
  }

  private keepKind(kind: PlotKind): void {
    if (this.plot && JSON.stringify(this.plot.kind) !== JSON.stringify(kind)) this.dropPlot();
  }

  private dropPlot(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private redrawAnew(): void {
    this.dropPlot();
    this.schedule();
  }

  private stateOf(drawn: boolean): ChartState {
    if (drawn) return "drawn";
    this.dropPlot();
    this.picture = null;
    this.describe([NaN, NaN], [NaN, NaN]);
    const { error } = this.sources.state;
    if (error !== null) return "error";
    return this.curves.length > 0 || this.sources.complete ? "empty" : "loading";
  }

  private report(state: ChartState): void {
    const { busy, error, warnings } = this.sources.state;
    const notes = this.props ? [...notesOf(this.curves, this.props.options), ...warnings.map((text) => ({ text }))] : [];
    const legend = this.curves.slice(0, MOST_IN_LEGEND).map(({ id, label, short, color, dash }) => ({ id, label, short, color, dash }));
    const view: View = { state, busy, error, notes, outside: tellOutside(this.outside), legend, curves: this.curves.length };
    this.root.dataset["state"] = state;
    const text = JSON.stringify(view);
    if (text === this.reported) return;
    this.reported = text;
    this.hooks.onView(view);
  }

  /** What browser tests and assistive tools read off the root. */
  private describe([xMin, xMax]: Range, [yMin, yMax]: Range, rightRange?: Range): void {
    const points = this.curves.reduce((sum, { x }) => sum + x.length, 0);
    const notFinite = this.curves.filter((curve) => curve.notFinite.length > 0).length;
    const alerts = this.curves.reduce((sum, curve) => sum + curve.alerts.length, 0);
    const ticks = this.ticks.length;
    Object.assign(this.root.dataset, { ticks, series: this.curves.length, points, xMin, xMax, yMin, yMax, notFinite, alerts });
    this.root.dataset["right"] = rightRange?.join(" ") ?? "";
  }

  /** The size is kept, because to ask the page for it while others draw would lay it out anew each time. */
  private resize(box: DOMRectReadOnly | undefined): void {
    if (!box || box.width === 0 || box.height === 0) return;
    this.size = { width: Math.floor(box.width), height: Math.floor(box.height) };
    this.plot?.resize(this.size);
  }

  onPointer(at: { left: number; top: number } | null): void {
    if (!at || !this.plot || !this.props) return this.leavePointer();
    const frame = this.plot.frame();
    const found = nearby(this.curves, frame, at.left, at.top);
    const corner = this.plot.over.getBoundingClientRect();
    const place = { left: corner.left + at.left, top: corner.top + at.top };
    const words = wordsNear(this.ticks, frame, at.left);
    showTooltip(found, this.props.options.x, positionAt(frame, at.left), place, { words, baseline: this.props.baseline });
    this.hover(found.nearest?.curve ?? null);
  }

  onZoom(range: Range): void {
    hideTooltip();
    this.hooks.onZoom(range);
  }

  onReset(): void {
    this.hooks.onZoom(null);
  }

  isZoomed(): boolean {
    return this.zoom !== null;
  }

  onClick({ left, top }: { left: number; top: number }): void {
    const { plot, props } = this;
    if (!plot || !props?.onPick) return;
    hideTooltip();
    const frame = plot.frame();
    const hit = hitAt(this.curves, frame, left, top);
    if (hit) return this.pick(hit);
    const [curve] = this.curves;
    const at = curve ? nearestIndex(curve.x, positionAt(frame, left)) : -1;
    if (curve && at >= 0) this.pick({ curve, at, value: curve.y[at] as number });
  }

  /** What keys do where the chart has the focus; whether one did anything. */
  onKey(key: string, shift: boolean): boolean {
    const { plot, props } = this;
    const curve = this.curves.find(({ id }) => id === this.hovered) ?? this.curves[0];
    if (!plot || !props?.onPick || !curve) return false;
    if (key === "Enter" || key === " ") {
      const at = this.cursor === null ? -1 : nearestIndex(curve.x, this.cursor);
      if (at >= 0) this.pick({ curve, at, value: curve.y[at] as number });
      return true;
    }
    const at = placeAfterKey(curve.x, this.cursor, key, shift);
    if (at === null) return false;
    const [x, y] = [curve.x[at] as number, curve.y[at] as number];
    this.cursor = x;
    const frame = plot.frame();
    const top = placeY(frameOf(frame, curve))(y);
    // What is not finite has no place of its own.
    const place = { left: placeX(frame)(x), top: isFinitePlace(top) ? top : frame.height / 2 };
    plot.pointAt(place.left, place.top);
    this.onPointer(place);
    this.body.setAttribute("aria-valuenow", String(Math.round((100 * at) / Math.max(1, curve.x.length - 1))));
    this.body.setAttribute("aria-valuetext", formatX(props.options.x, x));
    return true;
  }

  /** The keyboard has left the chart. */
  onBlur(): void {
    this.plot?.pointAt(-10, -10);
    this.leavePointer();
  }

  private pick({ curve, at, value }: Hit): void {
    const line = this.props?.lines[curve.line ?? 0];
    const run = curve.runs[0];
    if (!this.props || !line || run === undefined) return;
    const { formula } = line;
    const metric = !formula ? line.metric : "problem" in formula ? undefined : metricsOf(formula)[0];
    if (metric === undefined) return;
    const isOwn = !formula && !curve.grouped && !curve.raw;
    const after = curve.exact === false && at > 0 ? (curve.x[at - 1] as number) : null;
    this.props.onPick?.({ run, metric, axis: this.props.options.x, x: curve.x[at] as number, after, value: isOwn ? value : null });
  }

  /** The line at the page's step. */
  private markStep(): void {
    const { step = "", options } = this.props ?? {};
    this.root.dataset["step"] = step;
    this.plot?.markAt(step !== "" && options?.x === "step" ? Number(step) : null);
  }

  private leavePointer(): void {
    hideTooltip();
    this.hover(null);
  }

  /** The page hears of runs only: a group is lit in its own chart. */
  private hover(curve: Curve | null): void {
    const id = curve?.id ?? null;
    if (id === this.hovered) return;
    this.light(id);
    this.props?.onHighlight?.(curve && !curve.grouped ? (curve.runs[0] ?? null) : null);
  }
}

/** What the curves of one axis span. */
function rangeOf(curves: readonly Curve[], xRange: Range, { yLog, clipOutliers }: ChartOptions): Range {
  return yExtent(curves, xRange, { log: yLog, clip: clipOutliers }) ?? (yLog ? [1, 10] : [0, 1]);
}

/** Whether the y axis may end before the curves do. */
function isCut({ clipOutliers, low, high }: ChartOptions): boolean {
  return clipOutliers || low !== undefined || high !== undefined;
}

/** The unit that an axis of these has; none where they differ. */
export function sharedUnit(those: readonly { unit?: string | undefined }[]): string | undefined {
  const unit = those[0]?.unit;
  return those.every((each) => each.unit === unit) ? unit : undefined;
}

/** The range to draw: of a zoom that begins at or below 0, a log axis has a place only for the rest. */
function visible(zoom: Range | null, whole: Range, xLog: boolean): Range {
  if (!zoom) return whole;
  const from = xLog && zoom[0] <= 0 ? whole[0] : zoom[0];
  return from < zoom[1] ? [from, zoom[1]] : whole;
}
