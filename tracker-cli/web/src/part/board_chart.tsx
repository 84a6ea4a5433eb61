import type { JSX } from "preact";
import { useComputed } from "@preact/signals";
import { useMemo, useState } from "preact/hooks";
import { Chart } from "../chart/index.ts";
import type { ChartAction, ChartLine, ChartOptions, ChartRun, Picked } from "../chart/index.ts";
import { marks } from "../data/marks.ts";
import { viewField } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import { definitions, revision } from "../data/state.ts";
import type { Run } from "../data/types.ts";
import { chartWords } from "../model/chart_words.ts";
import { isAdded, linesOf, usualChoice, withLine, withOtherAxis, withoutLine } from "../model/chart_choice.ts";
import type { ChartChoice, Line } from "../model/chart_choice.ts";
import { isUsualSize, USUAL_HEIGHT, USUAL_SIZE } from "../model/chart_size.ts";
import type { ChartSize } from "../model/chart_size.ts";
import { bestRuns, lineGroupOf } from "../model/column.ts";
import { TRACKS } from "../model/layout_rows.ts";
import { metricsOf } from "../model/formula.ts";
import { readFormula, tellFormula } from "../model/formula_text.ts";
import { differing, withOwnAxes } from "../model/own_axes.ts";
import type { OwnAxes } from "../model/own_axes.ts";
import { titleOfResults } from "../model/results_choice.ts";
import { pairOf } from "../model/pair.ts";
import { PLAIN } from "../model/palette.ts";
import type { Looks } from "../model/palette.ts";
import { ChartCorner } from "./chart_corner.tsx";
import { ChartGrip, dragging } from "./chart_grip.tsx";
import type { DropPlace } from "./chart_grip.tsx";
import { ChartPin } from "./chart_pin.tsx";
import type { Range } from "../model/scale.ts";
import { highlight } from "./highlight.ts";
import { lazy } from "./lazy.tsx";
import { runLabel } from "./run_name.tsx";
import { openPicked } from "./step_at.ts";
import type { Charts } from "./use_charts.ts";
import type { BoardLayout } from "./use_layout.ts";
import { useKept } from "./use_kept.ts";

/** What charts of curves share. */
export interface Curves {
  runs: readonly Run[];
  looks: Looks;
  options: ChartOptions;
  /** The run that the others are measured by; empty for none. */
  baseline: string;
  /** What the runs of one line share. */
  groupBy: string;
  /** All metrics of the runs, whatever the page shows of them. */
  known: ReadonlySet<string>;
  charts: Charts;
  /** Lets somebody choose a metric. */
  choose(then: (line: Line) => void): void;
}

/** What all charts of a board share. */
export interface Board extends Curves {
  /** All runs that the page has found, also those that are not drawn. */
  listed: readonly Run[];
  layout: BoardLayout;
  /** How many charts stand beside each other. */
  columns: number;
}

interface BoardChartProps {
  board: Board;
  choice: ChartChoice;
  /** The section whose name its title leaves out. */
  section: string;
  tall: boolean;
  /** How many of a row's tracks it is wide. */
  tracks: number;
  pinned: boolean;
  /** Moves it by one place. */
  onStep(by: -1 | 1): void;
  onDrop(place: DropPlace): void;
}

const KeptResults = lazy("the picture", async () => (await import("./results_kept.tsx")).KeptResults);

/** A chart of a board, as somebody has chosen it. */
export function BoardChart(props: BoardChartProps): JSX.Element {
  const { board, choice, section, tall, tracks, pinned, onStep, onDrop } = props;
  const { charts, layout } = board;
  const { key } = choice;
  const [tried, setTried] = useState<ChartSize | null>(null);
  const size = tried ?? choice.size;
  const lines = useLines(choice, board.known);
  const title = titleOfChoice(choice, section, lines);
  const drop = useComputed(() => dropSide(key));
  const isDragged = useComputed(() => dragging.value?.key === key);
  const handles = {
    lead: <ChartGrip id={key} title={title} onStep={onStep} onDrop={onDrop} />,
    tools: <ChartPin title={title} pinned={pinned} onTurn={() => (pinned ? layout.unpin(key) : layout.pin(key))} />,
  };
  return (
    <div
      class="chart-place"
      data-place={key}
      data-drop={drop.value}
      data-dragged={isDragged.value || undefined}
      style={styleOf(size, tried && tried.columns > 0 ? Math.min(tried.columns, board.columns) * (TRACKS / board.columns) : tracks)}
    >
      {choice.results ? (
        <KeptResults board={board} choice={choice} shown={choice.results} handles={handles} />
      ) : (
        <CurveChart board={board} layout={layout} choice={choice} lines={lines} title={title} tall={tall} handles={handles} />
      )}
      <ChartCorner
        title={title}
        size={{ columns: (tracks * board.columns) / TRACKS, height: choice.size.height || (tall ? TALL_HEIGHT : USUAL_HEIGHT) }}
        own={choice.size}
        onTry={setTried}
        onSize={(next) => charts.set({ ...choice, size: next })}
      />
    </div>
  );
}

/** What stands in a chart's head beside its title: where it is moved by, and its pin. */
export interface ChartHandles {
  lead: JSX.Element;
  tools: JSX.Element;
}

/** The zoom that a chart shares with what stands above it; without one, it has one of its own. */
interface SharedZoom {
  range: Range | null;
  onRange(range: Range | null): void;
}

interface PlainChartProps {
  board: Curves;
  choice: ChartChoice;
  section: string;
  zoom?: SharedZoom | undefined;
}

/** A chart that is no part of the layout. */
export function PlainChart({ board, choice, section, zoom }: PlainChartProps): JSX.Element {
  const lines = useLines(choice, board.known);
  const title = titleOfChoice(choice, section, lines);
  return (
    <div class="chart-place">
      <CurveChart board={board} choice={choice} lines={lines} title={title} tall={false} zoom={zoom} />
    </div>
  );
}

interface CurveChartProps {
  board: Curves;
  layout?: BoardLayout;
  choice: ChartChoice;
  lines: ChartLine[];
  title: string;
  tall: boolean;
  handles?: ChartHandles;
  zoom?: SharedZoom | undefined;
}

function CurveChart({ board, layout, choice, lines, title, tall, handles, zoom }: CurveChartProps): JSX.Element {
  const { runs, charts } = board;
  const options = useOwnOptions(board.options, choice.axes);
  const shown = linesOf(choice);
  const { looks, groupBy } = board;
  const drawn = useMemo(() => chartRuns(board, lines), [runs, looks, groupBy, board.options.grouped, lines, definitions.value]);
  const signature = useMemo(() => JSON.stringify(drawn), [drawn]);
  const kept = useKept(drawn, signature);
  const words = useMemo(() => lines.map((line) => wordsOf(line, runs)).join(" "), [lines, runs, definitions.value]);
  const [only, ...more] = shown;
  const direction = more.length === 0 && only && !only.isFormula ? definitions.value[only.metric]?.direction : null;
  return (
    <>
      <Chart
        name={isAdded(choice) ? choice.key : choice.key.slice(2)}
        title={title}
        {...handles}
        note={bestNote(kept, options)}
        lines={lines}
        direction={direction ?? undefined}
        runs={kept}
        options={options}
        revision={revision.value}
        syncKey="page"
        step={viewField("step")}
        marks={marks.value}
        baseline={board.baseline}
        {...(saved ? {} : { onPick: pick })}
        highlight={highlight}
        onHighlight={setHighlight}
        tall={tall}
        actions={actionsOf(board, layout, choice, shown)}
        onTitle={isAdded(choice) || more.length > 0 ? (name) => charts.set({ ...choice, name }) : undefined}
        xRange={zoom ? zoom.range : choice.zoom?.x === options.x ? choice.zoom.range : null}
        onXRange={zoom?.onRange ?? ((range) => charts.set({ ...choice, zoom: range && { x: options.x, range } }))}
        own={choice.axes}
        onOwn={(axes) => charts.set({ ...choice, axes: differing(axes, board.options) })}
        onOtherAxis={(line) => charts.set(withOtherAxis(choice, choiceLine(line)))}
        onRemove={(line) => charts.set(withoutLine(choice, choiceLine(line)))}
      />
      <p class="visually-hidden">{words}</p>
    </>
  );
}

/** At which side of the chart another one is about to be put. */
function dropSide(key: string): "before" | "after" | undefined {
  const place = dragging.value?.place;
  return place?.mark === key ? (place.after ? "after" : "before") : undefined;
}

const TALL_HEIGHT = 360;

/** Tracks and height. */
function styleOf({ height }: ChartSize, tracks: number): Record<string, string> {
  const wide = { gridColumn: `span ${tracks}` };
  return height > 0 ? { ...wide, "--chart-height": `${height}px` } : wide;
}

/** What the thick line is, where there is one. */
function bestNote(runs: readonly ChartRun[], { grouped }: ChartOptions): string | undefined {
  const [best, ...more] = runs.filter((run) => run.best);
  if (!best) return undefined;
  if (grouped) return "thick: the group of the best run";
  return more.length === 0 ? `thick: the best, ${best.label}` : "thick: the best";
}

function pick(picked: Picked): void {
  void openPicked(picked);
}

/** The same object while it says the same, because a chart draws again when it is another. */
function useOwnOptions(shared: ChartOptions, own: OwnAxes): ChartOptions {
  const options = withOwnAxes(shared, own);
  return useKept(options, JSON.stringify(options));
}

/** What a chart draws: the same object while it says the same. */
function useLines(choice: ChartChoice, known: ReadonlySet<string>): ChartLine[] {
  const lines = linesOf(choice).map((line) => chartLine(line, known));
  return useKept(lines, JSON.stringify(lines));
}

function chartLine({ metric, isFormula = false, right = false }: Line, known: ReadonlySet<string>): ChartLine {
  if (isFormula) {
    const formula = readFormula(metric, known);
    return { title: "problem" in formula ? metric : tellFormula(formula), metric, formula, right };
  }
  return { title: metric, metric, right, unit: definitions.value[metric]?.unit ?? undefined };
}

function choiceLine({ metric, formula }: ChartLine): Line {
  return formula ? { metric, isFormula: true } : { metric };
}

function wordsOf({ title, metric, formula }: ChartLine, runs: readonly Run[]): string {
  return formula ? `${title}: a formula.` : chartWords(runs, metric, definitions.value, runLabel);
}

function titleOfChoice(choice: ChartChoice, section: string, lines: readonly ChartLine[]): string {
  if (choice.name !== "") return choice.name;
  return choice.results ? titleOfResults(choice.results) : usualTitle(section, lines);
}

/** What a chart of several metrics is called before somebody names it. */
function usualTitle(section: string, lines: readonly ChartLine[]): string {
  const [only, ...more] = lines;
  if (only && more.length === 0 && !only.formula)
    return titleIn(section, only.metric, definitions.value[only.metric]?.display_name ?? null);
  return lines.map(({ title }) => title).join(", ");
}

/** The metric's own name for people, with what stands between it and the section: `digits/Accuracy`. */
function titleIn(section: string, metric: string, name: string | null): string {
  const short = metric.startsWith(`${section}/`) ? metric.slice(section.length + 1) : metric;
  return name === null ? short : short.slice(0, short.lastIndexOf("/") + 1) + name;
}

function chartRuns({ runs, looks, options, groupBy }: Curves, lines: readonly ChartLine[]): ChartRun[] {
  const metrics = lines.flatMap(({ metric, formula }) => (!formula ? metric : "problem" in formula ? [] : metricsOf(formula)));
  const best = lines.length === 1 && !lines[0]?.formula ? bestRuns(runs, metrics[0] as string, definitions.value) : new Set<string>();
  return runs.map((run) => ({
    id: run.id,
    label: runLabel(run),
    ...(looks.get(run.id) ?? PLAIN),
    best: best.has(run.id) && runs.length > 1,
    live: run.state === "running",
    started: Date.parse(run.started_at) / 1000,
    ending: endingOf(run, metrics),
    ...(options.grouped ? { group: lineGroupOf(run, groupBy) } : {}),
  }));
}

/** A run that is resumed ends anew, maybe with as many points and at the same step. */
function endingOf(run: Run, metrics: readonly string[]): string {
  if (run.state === "running") return "";
  const ends = metrics.map((metric) => `${run.summary[metric]?.count ?? 0} ${run.summary[metric]?.step ?? ""}`);
  return `${run.state} ${run.finished_at ?? ""} ${ends.join(" ")}`;
}

function actionsOf(
  { known, charts, choose }: Curves,
  layout: BoardLayout | undefined,
  choice: ChartChoice,
  lines: readonly Line[],
): ChartAction[] {
  const add = (line: Line): void => charts.set(withLine(choice, line));
  const there = new Set(lines.map(({ metric }) => metric));
  const pairs = lines
    .flatMap(({ metric, isFormula }) => (isFormula ? [] : (pairOf(metric, known) ?? [])))
    .filter((metric) => !there.has(metric));
  const actions: ChartAction[] = pairs
    .slice(0, 1)
    .map((metric) => ({ action: "add-pair", text: `With ${metric}`, run: () => add({ metric }) }));
  actions.push({ action: "add-line", text: "Add metric…", run: () => choose(add) });
  if (isAdded(choice)) actions.push({ action: "remove-chart", text: "Remove this chart", run: () => remove(charts, layout, choice) });
  else if (choice.name !== "" || lines.length > 1)
    actions.push({
      action: "usual-chart",
      text: "As it was",
      run: () => charts.set({ ...usualChoice(choice.key), axes: choice.axes, zoom: choice.zoom, size: choice.size }),
    });
  if (!isUsualSize(choice.size))
    actions.push({ action: "usual-size", text: "Usual size", run: () => charts.set({ ...choice, size: USUAL_SIZE }) });
  if (layout) actions.push({ action: "hide", text: "Hide this chart", run: () => layout.hide(choice.key) });
  return actions;
}

function remove(charts: Charts, layout: BoardLayout | undefined, choice: ChartChoice): void {
  charts.set({ ...choice, lines: [] });
  layout?.forget(choice.key);
}

function setHighlight(run: string | null): void {
  highlight.value = run;
}
