import type { JSX } from "preact";
import { setView, view } from "../data/route.ts";
import type { View } from "../model/url_state.ts";
import { OWN_HUE, withLog } from "../model/results_choice.ts";
import type { ResultsView } from "../model/results_choice.ts";
import { Switch } from "./board_tools.tsx";
import { ColumnOptions } from "./column_options.tsx";
import { ColumnPicker } from "./column_picker.tsx";
import { isLogIn, wordsIn } from "./results_data.ts";
import type { Results } from "./results_data.ts";

/** What the address says of settings against results. */
export function viewOfResults({ across, up, hue, axes, scales }: View): ResultsView {
  return { across, up, hue, axes, scales };
}

/** What stands along the axes of the scatter plot, and how. */
export function ScatterTools({ results }: { results: Results }): JSX.Element {
  const { across = "", up = "" } = results;
  return (
    <>
      <Axis name="up" label="result" columns={results.numeric} value={up} onChoose={(column) => setView({ up: column })} />
      <Axis name="across" label="over" columns={results.all} value={across} onChoose={(column) => setView({ across: column })} />
      <HueSelect results={results} />
      {across !== "" && !wordsIn(results, across) && <LogSwitch action="xlog" text="log x" results={results} column={across} />}
      {up !== "" && <LogSwitch action="ylog" text="log y" results={results} column={up} />}
    </>
  );
}

export function HueSelect({ results }: { results: Results }): JSX.Element {
  const { hue } = view.value;
  return (
    <label class="field">
      colour
      <select data-action="hue" value={hue} onChange={(event) => setView({ hue: event.currentTarget.value })}>
        <option value="">as usual</option>
        <option value={OWN_HUE}>each run’s own</option>
        <ColumnOptions columns={results.all} />
      </select>
    </label>
  );
}

export function AxesPicker({ results }: { results: Results }): JSX.Element {
  return (
    <ColumnPicker
      all={results.all}
      chosen={results.axes}
      usual={view.value.axes.length === 0}
      title="Axes"
      onChoose={(axes) => setView({ axes })}
    />
  );
}

function LogSwitch({ action, text, results, column }: { action: string; text: string; results: Results; column: string }): JSX.Element {
  return (
    <Switch
      action={action}
      text={text}
      on={isLogIn(results, column)}
      onTurn={(next) => setView({ scales: withLog(results.scales, column, next) })}
    />
  );
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
