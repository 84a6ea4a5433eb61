import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Scatter } from "../../chart/index.ts";
import { open, setView, to, view } from "../../data/route.ts";
import type { Definitions, Run } from "../../data/types.ts";
import { columnsOf, headingOf, isNumber, unitOf, valueOf, varies } from "../../model/column.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Switch } from "../../part/board_tools.tsx";
import { ColumnOptions } from "../../part/column_options.tsx";
import { Empty } from "../../part/notice.tsx";
import { runLabel } from "../../part/run_name.tsx";
import { PLAIN } from "../../model/palette.ts";
import type { Looks } from "../../model/palette.ts";

interface ScatterTabProps {
  runs: readonly Run[];
  definitions: Definitions;
  looks: Looks;
}

/** Any two numbers of the runs against each other. */
export function ScatterTab({ runs, definitions, looks }: ScatterTabProps): JSX.Element {
  const columns = useMemo(() => numericColumns(runs, definitions), [runs, definitions]);
  const { xLog, yLog } = view.value;
  const across = columns.includes(view.value.across)
    ? view.value.across
    : (columns.find((column) => column.startsWith("config:") && varies(runs, column)) ?? columns[0]);
  const up = columns.includes(view.value.up)
    ? view.value.up
    : (columns.find((column) => /^summary:valid\/(loss|acc)/.test(column)) ?? columns.find((column) => column.startsWith("summary:")));
  if (!across || !up)
    return (
      <Empty title="No two numbers to draw">
        <p>Settings and metrics that are numbers can be drawn against each other.</p>
      </Empty>
    );
  const number = (run: Run, column: string): number => {
    const value = valueOf(run, column);
    return isNumber(value) ? Number(value) : NaN;
  };
  const points = runs.map((run) => ({
    id: run.id,
    label: runLabel(run),
    ...(looks.get(run.id) ?? PLAIN),
    x: number(run, across),
    y: number(run, up),
  }));
  return (
    <div class="board">
      <div class="board-tools">
        <Axis name="across" label="x" columns={columns} value={across} onChoose={(column) => setView({ across: column })} />
        <Axis name="up" label="y" columns={columns} value={up} onChoose={(column) => setView({ up: column })} />
        <Switch action="xlog" text="log x" on={xLog} onTurn={(on) => setView({ xLog: on })} />
        <Switch action="ylog" text="log y" on={yLog} onTurn={(on) => setView({ yLog: on })} />
      </div>
      <div class="scatter-frame">
        <Scatter
          points={points}
          xLabel={oneLine(headingOf(across, definitions))}
          yLabel={oneLine(headingOf(up, definitions))}
          xUnit={unitOf(across, definitions)}
          yUnit={unitOf(up, definitions)}
          xLog={xLog}
          yLog={yLog}
          onPick={(id) => open(to.run(id))}
        />
      </div>
    </div>
  );
}

/** The columns in which at least one run has a number. */
function numericColumns(runs: readonly Run[], definitions: Definitions): string[] {
  const usable = columnsOf(runs, definitions).filter((column) => /^(config|summary):|^seconds$/.test(column));
  return usable.filter((column) => runs.some((run) => isNumber(valueOf(run, column))));
}

function Axis({
  name,
  label,
  columns,
  value,
  onChoose,
}: {
  name: string;
  label: string;
  columns: readonly string[];
  value: string;
  onChoose(column: string): void;
}): JSX.Element {
  return (
    <label class="field">
      {label}
      <select data-action={`axis-${name}`} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        <ColumnOptions columns={columns} />
      </select>
    </label>
  );
}
