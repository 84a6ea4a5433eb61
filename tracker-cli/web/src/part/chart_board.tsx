import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Chart } from "../chart/index.ts";
import type { ChartOptions, ChartRun } from "../chart/index.ts";
import { setView, view } from "../data/route.ts";
import { definitions, revision } from "../data/state.ts";
import type { Run } from "../data/types.ts";
import { chartWords } from "../model/chart_words.ts";
import { bestRuns, lineGroupOf } from "../model/column.ts";
import { filterMetrics, sectionsOf } from "../model/sections.ts";
import type { Section } from "../model/sections.ts";
import { BoardTools } from "./board_tools.tsx";
import { highlight } from "./highlight.ts";
import { Empty } from "./notice.tsx";
import { runLabel } from "./run_name.tsx";
import { useKept } from "./use_kept.ts";
import { PLAIN } from "../model/palette.ts";
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
  const seen = sections.slice(0, firstSections(sections, room));
  return (
    <div class="board">
      <BoardTools metrics={kept} error={error} canGroup={groupBy !== ""} />
      {children}
      {seen.map((section) => (
        <ChartSection
          key={section.name}
          section={section}
          runs={runs}
          looks={looks}
          options={options}
          groupBy={groupBy}
          single={kept.length === 1}
        />
      ))}
      {seen.length < sections.length && (
        <p>
          <button type="button" class="button" data-action="more-sections" onClick={() => setRoom(room + ROOM)}>
            Show more of {sections.length} sections
          </button>
        </p>
      )}
      {sections.length === 0 && <NoCharts filtered={metrics.length > 0} runs={offered.length} />}
    </div>
  );
}

/** Charts at first, over all sections: each costs a screen's browser some time even where nobody looks. */
const ROOM = 120;

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
  runs: readonly Run[];
  looks: Looks;
  options: ChartOptions;
  groupBy: string;
  single: boolean;
}

/** Watched models have hundreds of metrics: their section opens with the first few. */
const FIRST = 24;

function ChartSection({ section: { name, metrics }, single, ...rest }: SectionProps): JSX.Element {
  const [all, setAll] = useState(false);
  const folded = view.value.folded.includes(name);
  const turn = (): void => setView({ folded: folded ? view.value.folded.filter((each) => each !== name) : [...view.value.folded, name] });
  const shown = all ? metrics : metrics.slice(0, FIRST);
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
      {!folded && (
        <div class={single ? "charts single" : "charts"}>
          {shown.map((metric) => (
            <MetricChart key={metric} metric={metric} section={name} tall={single} {...rest} />
          ))}
        </div>
      )}
      {!folded && shown.length < metrics.length && (
        <p>
          <button type="button" class="button" data-action="more-charts" onClick={() => setAll(true)}>
            Show all {metrics.length}
          </button>
        </p>
      )}
    </section>
  );
}

interface MetricChartProps extends Omit<SectionProps, "section" | "single"> {
  metric: string;
  section: string;
  tall: boolean;
}

function MetricChart({ metric, section, runs, looks, options, groupBy, tall }: MetricChartProps): JSX.Element {
  const known = definitions.value[metric];
  const best = bestRuns(runs, metric, definitions.value);
  const lines = runs.map(
    (run): ChartRun => ({
      id: run.id,
      label: runLabel(run),
      ...(looks.get(run.id) ?? PLAIN),
      best: best.has(run.id) && runs.length > 1,
      live: run.state === "running",
      ending: endingOf(run, metric),
      ...(options.grouped ? { group: lineGroupOf(run, groupBy) } : {}),
    }),
  );
  const kept = useKept(lines, JSON.stringify(lines));
  return (
    <div class="chart-place">
      <Chart
        metric={metric}
        title={titleIn(section, metric, known?.display_name ?? null)}
        unit={known?.unit ?? undefined}
        direction={known?.direction ?? undefined}
        runs={kept}
        options={options}
        revision={revision.value}
        syncKey="page"
        highlight={highlight.value}
        onHighlight={setHighlight}
        tall={tall}
      />
      <p class="visually-hidden">{chartWords(runs, metric, definitions.value, runLabel)}</p>
    </div>
  );
}

/** A run that is resumed ends anew, maybe with as many points and at the same step. */
function endingOf(run: Run, metric: string): string {
  const summary = run.summary[metric];
  return run.state === "running" ? "" : `${run.state} ${run.finished_at ?? ""} ${summary?.count ?? 0} ${summary?.step ?? ""}`;
}

/** The metric's own name for people, with what stands between it and the section: `digits/Accuracy`. */
function titleIn(section: string, metric: string, name: string | null): string {
  const short = metric.startsWith(`${section}/`) ? metric.slice(section.length + 1) : metric;
  return name === null ? short : short.slice(0, short.lastIndexOf("/") + 1) + name;
}

function setHighlight(run: string | null): void {
  highlight.value = run;
}
