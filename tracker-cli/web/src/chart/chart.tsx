import type { HTMLAttributes, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isUsual, tellAxes } from "../model/own_axes.ts";
import type { OwnAxes } from "../model/own_axes.ts";
import type { Range } from "../model/scale.ts";
import { figureChoice } from "../data/figure_choice.ts";
import { xName } from "../model/x_axis.ts";
import "uplot/dist/uPlot.min.css";
import "./chart.css";
import { Controller, IDLE, sharedUnit } from "./controller.ts";
import type { View } from "./controller.ts";
import { ChartTitle } from "./chart_title.tsx";
import { csvOfCurves } from "./csv.ts";
import { CutText } from "../part/cut_text.tsx";
import { lazy } from "../part/lazy.tsx";
import { fileName, save } from "./export.ts";
import type { Shown } from "./figure/figure.ts";
import type { FigureFormat } from "./figure/save.ts";
import { Legend } from "./legend.tsx";
import { LineLegend } from "./line_legend.tsx";
import { Menu } from "./menu.tsx";
import type { ChartAction, ChartOptions, ChartProps } from "./types.ts";
import { useFullScreen } from "./use_full_screen.ts";

const AxesPanel = lazy("the axes", async () => (await import("./axes_panel.tsx")).AxesPanel, "silently");
const FigureDialog = lazy("sizes of pictures", async () => (await import("./figure_dialog.tsx")).FigureDialog, "silently");

/** Saves a picture, and says what is to be known of it; nothing where all is as it should be. */
async function savedAs(shown: Shown, called: string, format: FigureFormat): Promise<string> {
  try {
    const { saveFigure } = await import("./figure/save.ts");
    return await saveFigure(shown, called, figureChoice.value, format);
  } catch {
    return "What draws pictures did not arrive. Is `tracker ui` still running?";
  }
}

/**
 * One chart of one metric or several: fetches what is visible, draws, fetches again on zoom and when `revision`
 * grows. Lazy: nothing is fetched until it is on screen.
 */
export function Chart(props: ChartProps): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  const fullButton = useRef<HTMLButtonElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const controller = useRef<Controller | null>(null);
  const [view, setView] = useState<View>(IDLE);
  const [zoom, setZoom] = useZoom(props);
  const [full, setFull] = useFullScreen(root, fullButton);
  const zoomTo = useLatest(setZoom);

  useLayoutEffect(() => {
    if (!root.current || !body.current) return;
    const made = new Controller(root.current, body.current, { onView: setView, onZoom: (range) => zoomTo.current(range) });
    controller.current = made;
    return () => made.destroy();
  }, []);
  useLayoutEffect(() => controller.current?.update(props, zoom));

  const { name, title, lines, options, onTitle } = props;
  const [naming, setNaming] = useState(false);
  const { own = {}, onOwn } = props;
  const [axes, setAxes] = useState(false);
  const several = lines.length > 1;
  const unit = several ? undefined : lines[0]?.unit;
  const leftUnit = sharedUnit(several ? lines.filter(({ right }) => !right) : lines);
  const metrics = lines.map((line) => line.metric).join(", ");
  const [figure, setFigure] = useState<Shown | null>(null);
  const [said, setSaid] = useState("");
  const shownNow = (): Shown | null => controller.current?.shown(title, lines) ?? null;
  const savePicture = (shown: Shown | null, format: FigureFormat): void => {
    if (shown) void savedAs(shown, several ? title : metrics, format).then(setSaid);
    else setSaid("There is nothing to save before the chart is drawn.");
  };
  const saveNumbers = (): void => {
    const csv = csvOfCurves(xName(options.x), several ? "value" : metrics, controller.current?.curves ?? []);
    save(new Blob([csv], { type: "text/csv" }), fileName(title, "csv"));
  };
  return (
    <div ref={root} class={className(props.tall, full)} data-chart={name} data-lines={lines.length} role="group" aria-label={title}>
      <header class="chart-head">
        {props.lead}
        <ChartTitle
          title={title}
          full={metrics}
          editing={naming}
          onDone={(typed) => {
            setNaming(false);
            if (typed !== null) onTitle?.(typed);
          }}
        />
        {unit && <span class="chart-unit">{unit}</span>}
        {props.direction && <Direction direction={props.direction} />}
        {!isUsual(own) && (
          <button
            type="button"
            class="chart-own"
            data-action="own-axes"
            title={`Its own axes: ${tellAxes(own, leftUnit)}`}
            onClick={() => setAxes(!axes)}
          >
            own axes
          </button>
        )}
        <span class="chart-space" />
        {props.tools}
        {zoom && (
          <button type="button" data-action="reset" onClick={() => setZoom(null)}>
            Reset zoom
          </button>
        )}
        <button
          ref={fullButton}
          type="button"
          data-action="full"
          title="Full screen (f)"
          aria-label={full ? "Leave the full screen" : "Full screen"}
          onClick={() => setFull(!full)}
        >
          {full ? "✕" : "⤢"}
        </button>
        <Menu
          label="More"
          items={[
            ...(props.actions ?? []),
            ...(onOwn ? axesActions(own, options, onOwn, () => setAxes(true)) : []),
            ...(onTitle ? [{ action: "rename", text: "Rename…", run: () => setNaming(true) }] : []),
            ...(["svg", "pdf", "png"] as const).map((format) => ({
              action: format,
              text: `Save as ${format.toUpperCase()}`,
              run: () => savePicture(shownNow(), format),
            })),
            { action: "csv", text: "Save as CSV", run: saveNumbers },
            { action: "figure", text: "Size of pictures…", run: () => setFigure(shownNow()) },
          ]}
        />
      </header>
      {axes && onOwn && <AxesPanel own={own} options={options} unit={leftUnit} onOwn={onOwn} onClose={() => setAxes(false)} />}
      <div ref={body} class="chart-body" {...(view.state === "drawn" && props.onPick ? asSlider(title, controller) : {})}>
        <Message view={view} runs={props.runs.length} metric={metrics} x={options.x} onRetry={() => controller.current?.retry()} />
      </div>
      {(view.state === "drawn" || view.state === "empty") && (
        <Notes
          view={view}
          onRetry={() => controller.current?.retry()}
          problems={lines.flatMap(({ formula }) => (formula && "problem" in formula ? formula.problem : []))}
          onShowAll={onOwn && (() => onOwn({ ...without(own, "low", "high"), clip: false }))}
        />
      )}
      {said !== "" && (
        <p class="chart-said" role="status">
          {said}
        </p>
      )}
      {figure && <FigureDialog shown={figure} onSave={(format) => savePicture(figure, format)} onClose={() => setFigure(null)} />}
      <div class="chart-x">
        {props.note && (
          <span class="chart-note" title={props.note}>
            {props.note}
          </span>
        )}
        <span>{xName(options.x)}</span>
      </div>
      {several && <LineLegend lines={lines} onRemove={props.onRemove} onOtherAxis={props.onOtherAxis} />}
      {(full || several) && <Legend items={view.legend} of={view.curves} onPoint={(id) => controller.current?.light(id)} />}
    </div>
  );
}

/** The keyboard moves along the x axis, as along a slider, and Enter opens the step. */
function asSlider(title: string, controller: { current: Controller | null }): HTMLAttributes<HTMLDivElement> {
  return {
    role: "slider",
    tabIndex: 0,
    "aria-label": `Step of ${title}: Enter opens it`,
    "aria-valuemin": 0,
    "aria-valuemax": 100,
    "aria-valuenow": 0,
    "aria-valuetext": "no step chosen",
    onKeyDown: (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || !controller.current?.onKey(event.key, event.shiftKey)) return;
      event.preventDefault();
    },
    onBlur: () => controller.current?.onBlur(),
  };
}

/** What the menu offers for the axes: the most wanted by itself, the rest in a panel. */
function axesActions(own: OwnAxes, { yLog, clipOutliers }: ChartOptions, onOwn: (own: OwnAxes) => void, open: () => void): ChartAction[] {
  return [
    { action: "turn-ylog", text: yLog ? "Linear y" : "Log y", run: () => onOwn({ ...own, yLog: !yLog }) },
    { action: "turn-clip", text: clipOutliers ? "Show outliers" : "Ignore outliers", run: () => onOwn({ ...own, clip: !clipOutliers }) },
    { action: "axes", text: "Axes…", run: open },
  ];
}

function without(own: OwnAxes, ...fields: (keyof OwnAxes)[]): OwnAxes {
  const left = { ...own };
  for (const field of fields) delete left[field];
  return left;
}

function Direction({ direction }: { direction: "lower" | "higher" }): JSX.Element {
  return (
    <span class="chart-unit" title={`${direction} is better`}>
      <span aria-hidden="true">{direction === "lower" ? "↘" : "↗"}</span>
      <span class="visually-hidden">{direction} is better</span>
    </span>
  );
}

function className(tall: boolean | undefined, full: boolean): string {
  return ["chart", tall ? "chart-tall" : "", full ? "chart-full" : ""].filter(Boolean).join(" ");
}

/** The page's zoom where it has one for this chart, else the chart's own. */
function useZoom({ xRange, onXRange, options }: ChartProps): [Range | null, (range: Range | null) => void] {
  const [own, setOwn] = useState<Range | null>(null);
  useEffect(() => setOwn(null), [options.x]);
  return xRange === undefined
    ? [
        own,
        (range) => {
          setOwn(range);
          onXRange?.(range);
        },
      ]
    : [xRange, (range) => onXRange?.(range)];
}

/** A callback that always is the one of the last rendering, for those who hold it longer. */
function useLatest<T>(value: T): { current: T } {
  const latest = useRef(value);
  latest.current = value;
  return latest;
}

interface MessageProps {
  view: View;
  runs: number;
  metric: string;
  x: string;
  onRetry(): void;
}

/** What stands where the picture would be. */
function Message({ view, runs, metric, x, onRetry }: MessageProps): JSX.Element | null {
  if (view.state === "drawn") return null;
  if (view.state === "error") {
    return (
      <div class="chart-message chart-error" role="alert">
        <p>{view.error}</p>
        <button type="button" data-action="retry" onClick={onRetry}>
          Try again
        </button>
      </div>
    );
  }
  if (view.state === "empty") {
    return <p class="chart-message">{view.notes.length > 0 ? `Nothing of ${metric} can be drawn here.` : whyEmpty(runs, metric, x)}</p>;
  }
  return <p class="chart-message chart-loading">Loading…</p>;
}

function whyEmpty(runs: number, metric: string, x: string): string {
  if (runs === 0) return "No run is shown. Open the eye of a run to draw it.";
  const points = `None of these runs has points of ${metric} here yet`;
  return x === "epoch" || x.startsWith("metric:")
    ? `${points}, or none has ${xName(x)} beside them. Choose another x axis above.`
    : `${points}.`;
}

interface NotesProps {
  view: View;
  /** What is wrong with the formulas. */
  problems: readonly string[];
  onRetry(): void;
  /** Shows what the axes leave out. */
  onShowAll: (() => void) | undefined;
}

function Notes({ view, problems, onRetry, onShowAll }: NotesProps): JSX.Element | null {
  if (view.notes.length + problems.length === 0 && view.error === null && view.outside === "") return null;
  return (
    <ul class="chart-notes">
      {problems.map((problem) => (
        <li key={problem} class="chart-error" data-problem>
          {problem}
        </li>
      ))}
      {view.outside !== "" && (
        <li class="chart-outside">
          {onShowAll ? (
            <button type="button" class="button small" data-action="show-outside" title="Show all" onClick={onShowAll}>
              {view.outside}
            </button>
          ) : (
            view.outside
          )}
        </li>
      )}
      {view.notes.map(({ name, text, rest, title = text }) => (
        <li key={`${name} ${text}`} title={title} class={name === undefined ? "" : "chart-note"}>
          {name !== undefined && <CutText text={`${name} `} />}
          <span>{text}</span>
          {rest && <span class="clip">{rest}</span>}
        </li>
      ))}
      {view.error !== null && (
        <li class="chart-error">
          {view.error}{" "}
          <button type="button" data-action="retry" onClick={onRetry}>
            Try again
          </button>
        </li>
      )}
    </ul>
  );
}
