import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Parallel, Scatter } from "../chart/index.ts";
import { open, to } from "../data/route.ts";
import { dark } from "../data/theme.ts";
import type { Run } from "../data/types.ts";
import type { Looks } from "../model/palette.ts";
import { withFlip, withLog } from "../model/results_choice.ts";
import type { ResultsKind } from "../model/results_choice.ts";
import { highlight } from "./highlight.ts";
import { HueLegend } from "./hue_legend.tsx";
import { Empty } from "./notice.tsx";
import { axesOf, huesIn, isLogIn, labelIn, linesOf, pointsOf, told, unitIn, wordsIn } from "./results_data.ts";
import type { Results } from "./results_data.ts";
import { RunName } from "./run_name.tsx";

interface PictureProps {
  results: Results;
  looks: Looks;
  /** The column that gives the colours; empty for the usual one. */
  hue: string;
  onScales(scales: string[]): void;
}

const toRun = (id: string): void => open(to.run(id));

/** A result over a setting, one dot a run. */
export function ResultsScatter({ results, looks, hue }: Omit<PictureProps, "onScales">): JSX.Element {
  const { across, up } = results;
  const colours = useHues(results, "scatter", hue);
  const words = useMemo(() => (across ? wordsIn(results, across) : undefined), [results, across]);
  const points = useMemo(
    () => (across && up ? pointsOf(results, across, up, words, colours?.hues ?? null, looks) : []),
    [results, words, colours, looks],
  );
  const [xLog, yLog] = useMemo(
    () => [across !== undefined && !words && isLogIn(results, across), up !== undefined && isLogIn(results, up)],
    [results, words],
  );
  if (!across || !up)
    return (
      <Empty title="No two numbers to draw">
        <p>Settings and metrics that are numbers can be drawn against each other.</p>
      </Empty>
    );
  return (
    <div class="results-picture">
      <Scatter
        points={points}
        of={results.of}
        lit={highlight}
        tell={useTell(results, colours?.column)}
        xWords={words}
        xLabel={labelIn(results, across)}
        yLabel={labelIn(results, up)}
        xUnit={unitIn(results, across)}
        yUnit={unitIn(results, up)}
        xLog={xLog}
        yLog={yLog}
        onPick={toRun}
      />
      {colours && <HueLegend hues={colours.hues} label={labelIn(results, colours.column)} unit={unitIn(results, colours.column)} />}
    </div>
  );
}

/** Runs as lines over axes of settings and results; brushes keep the runs inside of them. */
export function ResultsParallel({ results, looks, hue, onScales }: PictureProps): JSX.Element {
  const [brush, setBrush] = useState<{ axes: string; ids: string[] | null }>({ axes: "", ids: null });
  const colours = useHues(results, "parallel", hue);
  const axes = useMemo(() => axesOf(results), [results]);
  const lines = useMemo(() => linesOf(results, axes, colours?.hues ?? null, looks), [results, axes, colours, looks]);
  const tell = useTell(results, colours && !results.axes.includes(colours.column) ? colours.column : undefined);
  const shown = results.axes.join("\n");
  const brushed = brush.axes === shown ? brush.ids : null;
  if (results.axes.length < 2)
    return (
      <Empty title="Two axes or more are needed">
        <p>Choose settings and metrics under “Axes”.</p>
      </Empty>
    );
  const turn = (at: number, { log, flip }: { log?: boolean; flip?: boolean }): void => {
    const column = results.axes[at] ?? "";
    if (log !== undefined) onScales(withLog(results.scales, column, log));
    if (flip !== undefined) onScales(withFlip(results.scales, column, flip));
  };
  return (
    <div class="results-picture">
      <Parallel
        key={shown}
        axes={axes}
        lines={lines}
        of={results.of}
        lit={highlight}
        tell={tell}
        onPick={toRun}
        onBrush={(ids) => setBrush({ axes: shown, ids })}
        onAxis={turn}
      />
      {colours && <HueLegend hues={colours.hues} label={labelIn(results, colours.column)} unit={unitIn(results, colours.column)} />}
      <Brushed runs={results.runs} ids={brushed} />
    </div>
  );
}

/** More names are read in the list. */
const MOST_NAMES = 40;

function Brushed({ runs, ids }: { runs: readonly Run[]; ids: readonly string[] | null }): JSX.Element {
  if (ids === null)
    return (
      <p class="muted tiny" data-brushed={runs.length}>
        Drag along an axis, or use its arrow keys, to keep some runs.
      </p>
    );
  const kept = new Set(ids);
  const inside = runs.filter((run) => kept.has(run.id));
  return (
    <div class="row wrap" data-brushed={inside.length}>
      <span class="muted tiny" role="status">
        {inside.length} of {runs.length} runs
      </span>
      {inside.slice(0, MOST_NAMES).map((run) => (
        <span key={run.id} class="tag">
          <RunName run={run} />
        </span>
      ))}
      {inside.length > MOST_NAMES && <span class="muted tiny">and {inside.length - MOST_NAMES} more</span>}
    </div>
  );
}

function useHues(results: Results, kind: ResultsKind, hue: string): ReturnType<typeof huesIn> {
  const isDark = dark.value;
  return useMemo(() => huesIn(results, kind, hue, isDark), [results, kind, hue, isDark]);
}

/** What a run's colour stands for, in words. */
function useTell(results: Results, column: string | undefined): (id: string) => string[] {
  const byId = useMemo(() => new Map(results.runs.map((run) => [run.id, run])), [results.runs]);
  return (id) => {
    const run = byId.get(id);
    return run && column !== undefined && column !== results.across && column !== results.up ? [told(results, run, column)] : [];
  };
}
