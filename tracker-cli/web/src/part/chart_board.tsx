import type { ComponentChildren, JSX } from "preact";
import { useCallback, useMemo, useState } from "preact/hooks";
import type { ChartOptions } from "../chart/index.ts";
import { setView, view } from "../data/route.ts";
import { definitions } from "../data/state.ts";
import type { Run } from "../data/types.ts";
import { isAdded, keyOfMetric, linesOf, withLine } from "../model/chart_choice.ts";
import type { ChartChoice, Line } from "../model/chart_choice.ts";
import { metricsOf } from "../model/formula.ts";
import { readFormula } from "../model/formula_text.ts";
import { layerFamilies } from "../model/layers.ts";
import { filterMetrics, sectionsOf } from "../model/sections.ts";
import type { Section } from "../model/sections.ts";
import { BoardChart } from "./board_chart.tsx";
import type { Board } from "./board_chart.tsx";
import { BoardTools } from "./board_tools.tsx";
import { LayerMaps } from "./layer_maps.tsx";
import { LineDialog } from "./line_dialog.tsx";
import { Empty } from "./notice.tsx";
import { useCharts } from "./use_charts.ts";
import { usePrinting } from "./use_printing.ts";
import type { Looks } from "../model/palette.ts";

interface ChartBoardProps {
  /** The runs that are drawn. */
  runs: readonly Run[];
  /** The runs whose metrics have a chart; left out, those that are drawn. */
  offered?: readonly Run[];
  looks: Looks;
  /** What the runs of one line share, where the view asks for groups: `group`, `config:PATH`, … */
  groupBy?: string;
  /** Leaves metrics out, such as the system's on a page that shows them elsewhere. */
  keep?(metric: string): boolean;
  /** What stands between the tools and the first section. */
  children?: ComponentChildren;
}

/** Charts of all metrics by section, with the tools that change them all. The choices stand in the address. */
export function ChartBoard({ runs, offered = runs, looks, groupBy = "", keep, children }: ChartBoardProps): JSX.Element {
  const metrics = useMetrics(offered, keep);
  const filter = view.value.metrics;
  const { metrics: kept, error } = useMemo(() => filterMetrics(metrics, filter), [metrics, filter]);
  const options = useOptions(groupBy !== "");
  const [room, setRoom] = useState(ROOM);
  const sections = useMemo(() => sectionsOf(kept), [kept]);
  // Paper has no buttons: it shows what they would open, as far as anybody turns the pages.
  const whole = usePrinting() && kept.length <= MOST_PRINTED;
  const seen = whole ? sections : sections.slice(0, firstSections(sections, room));
  const charts = useCharts(offered[0]?.project ?? "");
  const known = useMemo(() => new Set(offered.flatMap((run) => Object.keys(run.summary))), [offered]);
  const [chooser, choose] = useChooser(metrics, known);
  const board: Board = { runs, looks, options, groupBy, known, charts, choose };
  const add = (): void => choose((line) => charts.set(withLine(charts.fresh(), line)));
  const added = useAdded(charts.all, kept, known);
  return (
    <div class="board">
      <BoardTools metrics={kept} error={error} canGroup={groupBy !== ""} onAdd={metrics.length > 0 ? add : undefined} />
      {children}
      {added.length > 0 && <AddedCharts board={board} added={added} />}
      {seen.map((section) => (
        <ChartSection key={section.name} section={section} board={board} whole={whole} single={kept.length === 1 && added.length === 0} />
      ))}
      {seen.length < sections.length && (
        <p>
          <button type="button" class="button" data-action="more-sections" onClick={() => setRoom(room + ROOM)}>
            Show more of {sections.length} sections
          </button>
        </p>
      )}
      {sections.length === 0 && <NoCharts filtered={metrics.length > 0} runs={offered.length} />}
      {chooser}
    </div>
  );
}

type Choose = (then: (line: Line) => void) => void;

/** The dialog in which a metric is chosen, while it is open, and how to open it. */
function useChooser(metrics: readonly string[], known: ReadonlySet<string>): [JSX.Element | null, Choose] {
  const [then, setThen] = useState<((line: Line) => void) | null>(null);
  const open = useCallback<Choose>((chosen) => setThen(() => chosen), []);
  return [then && <LineDialog metrics={metrics} known={known} onChoose={then} onClose={() => setThen(null)} />, open];
}

/** The added charts of which the filter leaves a metric. A formula that cannot be read stands there too, to say why. */
function useAdded(choices: readonly ChartChoice[], kept: readonly string[], known: ReadonlySet<string>): ChartChoice[] {
  return useMemo(() => {
    const left = new Set(kept);
    const isLeft = ({ metric, isFormula }: Line): boolean => {
      const formula = isFormula ? readFormula(metric, known) : null;
      if (!formula) return left.has(metric);
      return "problem" in formula || metricsOf(formula).some((each) => left.has(each));
    };
    return choices.filter((choice) => isAdded(choice) && linesOf(choice).some(isLeft));
  }, [choices, kept, known]);
}

/** The charts that somebody has put together stand before the others. */
function AddedCharts({ board, added }: { board: Board; added: readonly ChartChoice[] }): JSX.Element {
  return (
    <section data-added={added.length} aria-label="Added charts">
      <h2 class="section-head">Added charts</h2>
      <div class="charts">
        {added.map((choice) => (
          <BoardChart key={choice.key} board={board} choice={choice} section="" tall={false} />
        ))}
      </div>
    </section>
  );
}

/** Charts at first, over all sections: each costs a screen's browser some time even where nobody looks. */
const ROOM = 120;

/** So many charts are printed even where a screen has them folded. */
const MOST_PRINTED = 400;

/** How many sections have room. */
function firstSections(sections: readonly Section[], room: number): number {
  let taken = 0;
  const next = sections.findIndex(({ metrics }, at) => (taken += Math.min(metrics.length, FIRST)) > room && at > 0);
  return next < 0 ? sections.length : next;
}

function NoCharts({ filtered, runs }: { filtered: boolean; runs: number }): JSX.Element {
  if (filtered)
    return (
      <Empty title="No metric has this name">
        <p>
          Change the filter above; it is a regular expression, such as <code>loss|accuracy</code>.
        </p>
      </Empty>
    );
  return (
    <Empty title={runs === 0 ? "No run to draw" : "Nothing was logged yet"}>
      <p>
        {runs === 0
          ? "Change the search, or click the dot of a run to draw it."
          : "Charts appear here with the first logged number; no reload is needed."}
      </p>
    </Empty>
  );
}

/** Hidden metrics, such as those that restore a training, have no chart. */
function useMetrics(runs: readonly Run[], keep: ((metric: string) => boolean) | undefined): string[] {
  const known = definitions.value;
  return useMemo(() => {
    const names = new Set(runs.flatMap((run) => Object.keys(run.summary)));
    return [...names].filter((name) => !known[name]?.hidden && (keep?.(name) ?? true)).sort();
  }, [runs, known, keep]);
}

function useOptions(canGroup: boolean): ChartOptions {
  const { x, xLog, yLog, smooth, clip, band, center, grouped } = view.value;
  return useMemo(
    () => ({ x, xLog, yLog, smooth, clipOutliers: clip, band, center, grouped: grouped && canGroup }),
    [x, xLog, yLog, smooth, clip, band, center, grouped, canGroup],
  );
}

interface SectionProps {
  section: Section;
  board: Board;
  /** Nothing of it is folded. */
  whole: boolean;
  single: boolean;
}

/** Watched models have hundreds of metrics: their section opens with the first few. */
const FIRST = 24;

function ChartSection({ section: { name, metrics }, single, board, whole }: SectionProps): JSX.Element {
  const [all, setAll] = useState(false);
  const folded = !whole && view.value.folded.includes(name);
  const turn = (): void => setView({ folded: folded ? view.value.folded.filter((each) => each !== name) : [...view.value.folded, name] });
  // What layers share is one map, and their single charts lie folded below it.
  const families = useMemo(() => layerFamilies(metrics), [metrics]);
  const ofLayers = useMemo(() => new Set(families.flatMap(({ layers }) => layers.map(({ metric }) => metric))), [families]);
  const others = metrics.filter((metric) => !ofLayers.has(metric));
  const shown = all || whole ? others : others.slice(0, FIRST);
  return (
    <section data-section={name}>
      <h2>
        <button type="button" class="section-head" aria-expanded={!folded} onClick={turn}>
          <span class="turn" aria-hidden="true">
            {folded ? "▸" : "▾"}
          </span>
          {name}
          <span class="muted tiny">{metrics.length}</span>
        </button>
      </h2>
      {!folded && families.length > 0 && <LayerMaps board={board} families={families} section={name} />}
      {!folded && shown.length > 0 && (
        <div class={single ? "charts single" : "charts"}>
          {shown.map((metric) => (
            <BoardChart key={metric} board={board} choice={board.charts.of(keyOfMetric(metric))} section={name} tall={single} />
          ))}
        </div>
      )}
      {!folded && shown.length < others.length && (
        <p>
          <button type="button" class="button" data-action="more-charts" onClick={() => setAll(true)}>
            Show all {others.length}
          </button>
        </p>
      )}
    </section>
  );
}
