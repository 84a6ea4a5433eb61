import type { ComponentChildren, JSX } from "preact";
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import type { ChartOptions } from "../chart/index.ts";
import { useWidth } from "../chart/use_width.ts";
import { viewField } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import { definitions } from "../data/state.ts";
import type { Run } from "../data/types.ts";
import { isAdded, linesOf, withLine } from "../model/chart_choice.ts";
import type { ChartChoice, Line } from "../model/chart_choice.ts";
import { titleOf } from "../model/column.ts";
import { metricsOf } from "../model/formula.ts";
import { readFormula } from "../model/formula_text.ts";
import { columnsIn, placed } from "../model/layout_rows.ts";
import type { Block, Placed } from "../model/layout_rows.ts";
import type { Looks } from "../model/palette.ts";
import { filterMetrics, isLate, sectionsOf } from "../model/sections.ts";
import type { Board } from "./board_chart.tsx";
import { ADDED, groupsOf, missingPins, PINNED, titleOfKey } from "./board_groups.ts";
import type { Group } from "./board_groups.ts";
import { BoardSection, FIRST, moved } from "./board_section.tsx";
import { BoardTools } from "./board_tools.tsx";
import { HiddenCharts } from "./hidden_charts.tsx";
import { lazy } from "./lazy.tsx";
import { LineDialog } from "./line_dialog.tsx";
import { Empty } from "./notice.tsx";
import { useCharts } from "./use_charts.ts";
import { useLayout } from "./use_layout.ts";
import { useMarks } from "./use_marks.ts";
import { usePrinting } from "./use_printing.ts";

const StepPanel = lazy("what was there at the step", async () => (await import("./step_panel.tsx")).StepPanel, "silently");

interface ChartBoardProps {
  /** The runs that are drawn. */
  runs: readonly Run[];
  /** The runs whose metrics have a chart; left out, those that are drawn. */
  offered?: readonly Run[];
  /** All that the page has found, for pictures of settings and results; left out, those that are drawn. */
  listed?: readonly Run[];
  looks: Looks;
  /** The run that the others are measured by; left out, that of the view. */
  baseline?: string;
  /** What the runs of one line share, where the view asks for groups: `group`, `config:PATH`, … */
  groupBy?: string;
  /** Leaves metrics out, such as the system's on a page that shows them elsewhere. */
  keep?(metric: string): boolean;
  /** What stands between the tools and the first section. */
  children?: ComponentChildren;
}

/** Charts of all metrics by section, with the tools that change them all. The choices stand in the address. */
export function ChartBoard(props: ChartBoardProps): JSX.Element {
  const { runs, offered = runs, listed = runs, looks, groupBy = "", keep, children } = props;
  const baseline = props.baseline ?? viewField("baseline");
  const metrics = useMetrics(offered, keep);
  const filter = viewField("metrics");
  const { metrics: kept, error } = useMemo(() => filterMetrics(metrics, filter), [metrics, filter]);
  const options = useOptions(groupBy !== "");
  const project = offered[0]?.project ?? "";
  const charts = useCharts(project);
  const layout = useLayout(project, metrics);
  const known = useMemo(() => new Set(offered.flatMap((run) => Object.keys(run.summary))), [offered]);
  const [chooser, choose] = useChooser(metrics, known);
  useMarks(runs);
  // Paper has no buttons: it shows what they would open, as far as anybody turns the pages.
  const whole = usePrinting() && kept.length <= MOST_PRINTED;
  const added = useAdded(charts.all, kept, known, listed.length);
  const groups = useMemo(() => groupsOf(sectionsOf(kept), added, layout), [kept, added, layout]);
  const missing = useMemo(() => missingPins(layout, charts.all, known), [layout, charts, known]);
  const root = useRef<HTMLDivElement>(null);
  const columns = columnsIn(useWidth(root, FIRST_WIDTH));
  const board = useMemo<Board>(
    () => ({ runs, listed, looks, baseline, options, groupBy, known, charts, choose, layout, columns }),
    [runs, listed, looks, baseline, options, groupBy, known, charts, choose, layout, columns],
  );
  const add = (): void => choose((line) => charts.set(withLine(charts.fresh(), line)));
  const hidden = [...layout.hidden].map((key) => ({ key, title: titleOfKey(key, charts.all) }));
  return (
    <div ref={root} class="board">
      <BoardTools all={metrics} metrics={kept} error={error} canGroup={groupBy !== ""} onAdd={metrics.length > 0 ? add : undefined}>
        <HiddenCharts charts={hidden} onShow={layout.show} />
      </BoardTools>
      {children}
      <MissingPins
        names={missing.map((key) => titleOfKey(key, charts.all))}
        onForget={() => layout.keepPins((key) => !missing.includes(key))}
      />
      <Groups groups={groups} board={board} whole={whole} />
      {groups.length === 0 && <NoCharts filtered={metrics.length > 0} hidden={hidden.length} runs={offered.length} />}
      {chooser}
      <p class="visually-hidden" role="status">
        {moved.value}
      </p>
      {viewField("told") && <StepPanel runs={runs} looks={looks} baseline={baseline} />}
    </div>
  );
}

/** Before the board has been measured. */
const FIRST_WIDTH = 960;

type Choose = (then: (line: Line) => void) => void;

/** The dialog in which a metric is chosen, while it is open, and how to open it. */
function useChooser(metrics: readonly string[], known: ReadonlySet<string>): [JSX.Element | null, Choose] {
  const [then, setThen] = useState<((line: Line) => void) | null>(null);
  const open = useCallback<Choose>((chosen) => setThen(() => chosen), []);
  return [then && <LineDialog metrics={metrics} known={known} onChoose={then} onClose={() => setThen(null)} />, open];
}

/**
 * The added charts of which the filter leaves a metric. A formula that cannot be read stands there too, to say why; one of
 * settings and results only beside another run.
 */
function useAdded(choices: readonly ChartChoice[], kept: readonly string[], known: ReadonlySet<string>, runs: number): ChartChoice[] {
  return useMemo(() => {
    const left = new Set(kept);
    const isLeft = ({ metric, isFormula }: Line): boolean => {
      const formula = isFormula ? readFormula(metric, known) : null;
      if (!formula) return left.has(metric);
      return "problem" in formula || metricsOf(formula).some((each) => left.has(each));
    };
    const hasResults = ({ results }: ChartChoice): boolean =>
      runs > 1 && results !== undefined && (left.has(titleOf(results.up)) || !known.has(titleOf(results.up)));
    return choices.filter((choice) => isAdded(choice) && (linesOf(choice).some(isLeft) || hasResults(choice)));
  }, [choices, kept, known, runs]);
}

/** Charts at first, over all sections: each costs a screen's browser some time even where nobody looks. */
const ROOM = 120;

/** So many charts are printed even where a screen has them folded. */
const MOST_PRINTED = 400;

/** The groups in rows, small ones beside each other. */
function Groups({ groups, board, whole }: { groups: readonly Group[]; board: Board; whole: boolean }): JSX.Element {
  const [room, setRoom] = useState(ROOM);
  const seen = whole ? groups : groups.slice(0, firstGroups(groups, room));
  const single = groups.length === 1 && groups[0]?.keys.length === 1;
  const byId = new Map(seen.map((group) => [group.id, group]));
  return (
    <>
      <div class="sections">
        {placedGroups(seen, board).map((place) => (
          <BoardSection key={place.name} group={byId.get(place.name) as Group} place={place} board={board} whole={whole} tall={single} />
        ))}
      </div>
      {seen.length < groups.length && (
        <p>
          <button type="button" class="button" data-action="more-sections" onClick={() => setRoom(room + ROOM)}>
            Show more of {groups.length} sections
          </button>
        </p>
      )}
    </>
  );
}

/** How many groups have room. */
function firstGroups(groups: readonly Group[], room: number): number {
  let taken = 0;
  const next = groups.findIndex(({ keys }, at) => (taken += Math.min(keys.length, FIRST)) > room && at > 0);
  return next < 0 ? groups.length : next;
}

/** Each group where it stands. Those that are read last stay behind all others. */
function placedGroups(groups: readonly Group[], { charts, columns }: Board): Placed[] {
  const block = ({ id, title, keys, families }: Group): Block => ({
    name: id,
    own: keys.slice(0, FIRST).map((key) => charts.of(key).size.columns),
    alone: id === PINNED || families.length > 0 || (id !== ADDED && viewField("folded").includes(title)),
  });
  const late = (group: Group): boolean => group.id !== ADDED && group.id !== PINNED && isLate(group.title);
  return [groups.filter((group) => !late(group)), groups.filter(late)].flatMap((part) => placed(part.map(block), columns));
}

function NoCharts({ filtered, hidden, runs }: { filtered: boolean; hidden: number; runs: number }): JSX.Element {
  if (filtered && hidden > 0)
    return (
      <Empty title="No chart is left">
        <p>Change the filter above, or show one of those that are hidden.</p>
      </Empty>
    );
  if (filtered)
    return (
      <Empty title="No metric has this name">
        <p>
          Change the filter above; it is a regular expression, such as <code>loss|accuracy</code>.
        </p>
      </Empty>
    );
  const [title, text] =
    runs === 0
      ? ["No run to draw", "Change the search, or click the dot of a run to draw it."]
      : saved
        ? ["No curve is part of this file", "It holds those of the view that it was made of."]
        : ["Nothing was logged yet", "Charts appear here with the first logged number; no reload is needed."];
  return (
    <Empty title={title}>
      <p>{text}</p>
    </Empty>
  );
}

/** A view may have been saved for metrics that these runs do not log. */
function MissingPins({ names, onForget }: { names: readonly string[]; onForget(): void }): JSX.Element | null {
  const [first, ...more] = names;
  if (first === undefined) return null;
  return (
    <p class="tiny muted" data-notice="missing-pins" title={names.slice(0, MOST_NAMED).join(", ")}>
      {more.length === 0 ? `${first} is pinned` : `${first} and ${more.length} more are pinned`}, and none of these runs has logged it.{" "}
      <button type="button" class="link" data-action="forget-pins" onClick={onForget}>
        Unpin
      </button>
    </p>
  );
}

const MOST_NAMED = 20;

/** Hidden metrics, such as those that restore a training, have no chart, and none those whose curves a report leaves out. */
function useMetrics(runs: readonly Run[], keep: ((metric: string) => boolean) | undefined): string[] {
  const known = definitions.value;
  return useMemo(() => {
    const names = new Set(runs.flatMap((run) => Object.keys(run.summary)));
    const isHeld = (name: string): boolean => !saved || name in saved.curves;
    return [...names].filter((name) => isHeld(name) && !known[name]?.hidden && (keep?.(name) ?? true)).sort();
  }, [runs, known, keep]);
}

function useOptions(canGroup: boolean): ChartOptions {
  const [x, xLog, yLog, smooth] = [viewField("x"), viewField("xLog"), viewField("yLog"), viewField("smooth")];
  const [clip, band, center, grouped] = [viewField("clip"), viewField("band"), viewField("center"), viewField("grouped")];
  return useMemo(
    () => ({ x, xLog, yLog, smooth, clipOutliers: clip, band, center, grouped: grouped && canGroup }),
    [x, xLog, yLog, smooth, clip, band, center, grouped, canGroup],
  );
}
