import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Parallel } from "../../chart/index.ts";
import type { ParallelAxis } from "../../chart/index.ts";
import { view } from "../../data/route.ts";
import type { Definitions, Run } from "../../data/types.ts";
import { columnsOf, headingOf, isNumber, unitOf, usualColumns, valueOf } from "../../model/column.ts";
import { byName } from "../../model/natural.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Empty } from "../../part/notice.tsx";
import { runLabel, RunName } from "../../part/run_name.tsx";
import { ColumnPicker } from "../project/column_picker.tsx";
import { PLAIN } from "../../model/palette.ts";
import type { Looks } from "../../model/palette.ts";

interface ParallelTabProps {
  runs: readonly Run[];
  definitions: Definitions;
  looks: Looks;
}

/** Runs as lines over axes of settings and results; brushes keep the runs inside of them. */
export function ParallelTab({ runs, definitions, looks }: ParallelTabProps): JSX.Element {
  const [brush, setBrush] = useState<{ axes: string; ids: string[] | null }>({ axes: "", ids: null });
  const [changes, setChanges] = useState<Record<string, { log?: boolean; flip?: boolean }>>({});
  const all = useMemo(
    () => columnsOf(runs, definitions).filter((column) => /^(config|summary):|^seconds$/.test(column)),
    [runs, definitions],
  );
  const usual = useMemo(() => axesAtFirst(runs, definitions), [runs, definitions]);
  const chosen = view.value.columns.length > 0 ? view.value.columns.filter((column) => all.includes(column)) : usual;
  const axes = chosen.map((column): ParallelAxis => axisOf(runs, column, definitions, changes[column] ?? {}));
  const lines = runs.map((run) => ({
    id: run.id,
    label: runLabel(run),
    ...(looks.get(run.id) ?? PLAIN),
    values: chosen.map((column, at) => position(run, column, axes[at]?.categories)),
  }));
  const shown = chosen.join("\n");
  const brushed = brush.axes === shown ? brush.ids : null;
  const kept = brushed === null ? runs : runs.filter((run) => brushed.includes(run.id));
  return (
    <>
      <div class="row">
        <ColumnPicker all={all} chosen={chosen} usual={view.value.columns.length === 0} title="Axes" />
        <span class="muted tiny" data-brushed={kept.length}>
          {brushed === null ? "drag along an axis, or use its arrow keys, to keep some runs" : `${kept.length} of ${runs.length} runs`}
        </span>
      </div>
      {chosen.length < 2 ? (
        <Empty title="Two axes or more are needed">
          <p>Choose settings and metrics under “Axes”.</p>
        </Empty>
      ) : (
        <Parallel
          key={shown}
          axes={axes}
          lines={lines}
          onBrush={(ids) => setBrush({ axes: shown, ids })}
          onAxis={(at, change) => setChanges({ ...changes, [chosen[at] ?? ""]: { ...changes[chosen[at] ?? ""], ...change } })}
        />
      )}
      {brushed !== null && (
        <div class="row wrap">
          {kept.map((run) => (
            <span key={run.id} class="tag">
              <RunName run={run} />
            </span>
          ))}
        </div>
      )}
    </>
  );
}

/** What of the config differs, and the first results. */
function axesAtFirst(runs: readonly Run[], definitions: Definitions): string[] {
  const usual = usualColumns(runs, definitions);
  const config = usual.filter((column) => column.startsWith("config:"));
  return [...config.slice(0, 5), ...usual.filter((column) => column.startsWith("summary:")).slice(0, 2)];
}

/** An axis of words where any run has a word there. */
function axisOf(
  runs: readonly Run[],
  column: string,
  definitions: Definitions,
  { log = false, flip = false }: { log?: boolean; flip?: boolean },
): ParallelAxis {
  const values = runs.map((run) => valueOf(run, column)).filter((value) => value !== undefined);
  const label = oneLine(headingOf(column, definitions));
  if (values.every(isNumber)) return { label, unit: unitOf(column, definitions), log, flip };
  return { label, log: false, flip, categories: [...new Set(values.map(String))].sort(byName) };
}

function position(run: Run, column: string, categories: string[] | undefined): number | null {
  const value = valueOf(run, column);
  if (value === undefined) return null;
  return categories ? categories.indexOf(String(value)) : isNumber(value) ? Number(value) : null;
}
