import type { JSX } from "preact";
import { Chart } from "../chart/index.ts";
import type { ChartAction, ChartLine, ChartOptions, ChartRun } from "../chart/index.ts";
import { definitions, revision } from "../data/state.ts";
import type { Run } from "../data/types.ts";
import { chartWords } from "../model/chart_words.ts";
import { isAdded, linesOf, usualChoice, withLine, withOtherAxis, withoutLine } from "../model/chart_choice.ts";
import type { ChartChoice, Line } from "../model/chart_choice.ts";
import { bestRuns, lineGroupOf } from "../model/column.ts";
import { metricsOf } from "../model/formula.ts";
import { readFormula, tellFormula } from "../model/formula_text.ts";
import { differing, withOwnAxes } from "../model/own_axes.ts";
import type { OwnAxes } from "../model/own_axes.ts";
import { pairOf } from "../model/pair.ts";
import { PLAIN } from "../model/palette.ts";
import type { Looks } from "../model/palette.ts";
import type { Range } from "../model/scale.ts";
import { highlight } from "./highlight.ts";
import { runLabel } from "./run_name.tsx";
import type { Charts } from "./use_charts.ts";
import { useKept } from "./use_kept.ts";

/** What all charts of a board share. */
export interface Board {
  runs: readonly Run[];
  looks: Looks;
  options: ChartOptions;
  /** What the runs of one line share. */
  groupBy: string;
  /** All metrics of the runs, whatever the page shows of them. */
  known: ReadonlySet<string>;
  charts: Charts;
  /** Lets somebody choose a metric. */
  choose(then: (line: Line) => void): void;
}

interface BoardChartProps {
  board: Board;
  choice: ChartChoice;
  /** The section whose name its title leaves out. */
  section: string;
  tall: boolean;
  /** The zoom that it shares with what stands above it; left out, it has one of its own. */
  shared?: { range: Range | null; onRange(range: Range | null): void };
}

/** A chart of a board, as somebody has chosen it. */
export function BoardChart({ board, choice, section, tall, shared }: BoardChartProps): JSX.Element {
  const { runs, charts } = board;
  const options = useOwnOptions(board.options, choice.axes);
  const shown = linesOf(choice);
  const asked = shown.map((line) => chartLine(line, board.known));
  const lines = useKept(asked, JSON.stringify(asked));
  const drawn = chartRuns(board, lines);
  const kept = useKept(drawn, JSON.stringify(drawn));
  const [only, ...more] = shown;
  const direction = more.length === 0 && only && !only.isFormula ? definitions.value[only.metric]?.direction : null;
  return (
    <div class="chart-place">
      <Chart
        name={isAdded(choice) ? choice.key : choice.key.slice(2)}
        title={choice.name || usualTitle(section, lines)}
        lines={lines}
        direction={direction ?? undefined}
        runs={kept}
        options={options}
        revision={revision.value}
        syncKey="page"
        highlight={highlight.value}
        onHighlight={setHighlight}
        tall={tall}
        actions={actionsOf(board, choice, shown)}
        onTitle={isAdded(choice) || more.length > 0 ? (name) => charts.set({ ...choice, name }) : undefined}
        xRange={shared ? shared.range : choice.zoom?.x === options.x ? choice.zoom.range : null}
        onXRange={shared?.onRange ?? ((range) => charts.set({ ...choice, zoom: range && { x: options.x, range } }))}
        own={choice.axes}
        onOwn={(axes) => charts.set({ ...choice, axes: differing(axes, board.options) })}
        onOtherAxis={(line) => charts.set(withOtherAxis(choice, choiceLine(line)))}
        onRemove={(line) => charts.set(withoutLine(choice, choiceLine(line)))}
      />
      <p class="visually-hidden">{lines.map((line) => wordsOf(line, runs)).join(" ")}</p>
    </div>
  );
}

/** The same object while it says the same, because a chart draws again when it is another. */
function useOwnOptions(shared: ChartOptions, own: OwnAxes): ChartOptions {
  const options = withOwnAxes(shared, own);
  return useKept(options, JSON.stringify(options));
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

function chartRuns({ runs, looks, options, groupBy }: Board, lines: readonly ChartLine[]): ChartRun[] {
  const metrics = lines.flatMap(({ metric, formula }) => (!formula ? metric : "problem" in formula ? [] : metricsOf(formula)));
  const best = lines.length === 1 && !lines[0]?.formula ? bestRuns(runs, metrics[0] as string, definitions.value) : new Set<string>();
  return runs.map((run) => ({
    id: run.id,
    label: runLabel(run),
    ...(looks.get(run.id) ?? PLAIN),
    best: best.has(run.id) && runs.length > 1,
    live: run.state === "running",
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

function actionsOf({ known, charts, choose }: Board, choice: ChartChoice, lines: readonly Line[]): ChartAction[] {
  const add = (line: Line): void => charts.set(withLine(choice, line));
  const there = new Set(lines.map(({ metric }) => metric));
  const pairs = lines
    .flatMap(({ metric, isFormula }) => (isFormula ? [] : (pairOf(metric, known) ?? [])))
    .filter((metric) => !there.has(metric));
  const actions: ChartAction[] = pairs
    .slice(0, 1)
    .map((metric) => ({ action: "add-pair", text: `With ${metric}`, run: () => add({ metric }) }));
  actions.push({ action: "add-line", text: "Add metric…", run: () => choose(add) });
  if (isAdded(choice)) actions.push({ action: "remove-chart", text: "Remove this chart", run: () => charts.set({ ...choice, lines: [] }) });
  else if (choice.name !== "" || lines.length > 1)
    actions.push({
      action: "usual-chart",
      text: "As it was",
      run: () => charts.set({ ...usualChoice(choice.key), axes: choice.axes, zoom: choice.zoom }),
    });
  return actions;
}

function setHighlight(run: string | null): void {
  highlight.value = run;
}
