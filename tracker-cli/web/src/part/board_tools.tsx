import type { ComponentChildren, JSX } from "preact";
import { useCallback } from "preact/hooks";
import { setView, view } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import { completeFilter } from "../model/filter_completion.ts";
import { xName } from "../model/x_axis.ts";
import { CompletingInput } from "./completing_input.tsx";
import { MarksChoice } from "./marks_choice.tsx";

interface BoardToolsProps {
  /** All metrics that there are. */
  all: readonly string[];
  /** Those that the filter leaves. */
  metrics: readonly string[];
  /** What is wrong with the filter. */
  error: string | null;
  canGroup: boolean;
  /** Adds a chart. */
  onAdd?: (() => void) | undefined;
  /** More tools, behind all others. */
  children?: ComponentChildren;
}

const MOST_COMPLETIONS = 8;

/** The tools that change all charts. */
export function BoardTools({ all, metrics, error, canGroup, onAdd, children }: BoardToolsProps): JSX.Element {
  const complete = useCallback((text: string, caret: number) => completeFilter(text, caret, all, MOST_COMPLETIONS), [all]);
  const { metrics: filter, x, xLog, yLog, clip, smooth, grouped } = view.value;
  return (
    <div class="board-tools">
      <CompletingInput
        action="filter-metrics"
        label="Filter metrics"
        isInvalid={error !== null}
        placeholder="Filter, e.g. loss|acc"
        title={error ?? ""}
        value={filter}
        onType={(text) => setView({ metrics: text }, "replace")}
        complete={complete}
      />
      {error && (
        <span class="tiny bad-text" role="alert">
          {error}
        </span>
      )}
      <label class="field">
        x <XAxis metrics={metrics} value={x} />
      </label>
      <label class="field" title="Weight of the moving average">
        smooth
        <input
          type="range"
          data-action="smooth"
          min="0"
          max="0.99"
          step="0.01"
          value={smooth}
          onInput={(event) => setView({ smooth: Number(event.currentTarget.value) }, "replace")}
        />
        <span class="smooth-value">{smooth.toFixed(2)}</span>
      </label>
      <Switch action="xlog" text="log x" on={xLog} onTurn={(on) => setView({ xLog: on })} />
      <Switch action="ylog" text="log y" on={yLog} onTurn={(on) => setView({ yLog: on })} />
      <Switch
        action="clip"
        text="clip outliers"
        title="The axis spans the 5th to 95th percentile; no point is left out"
        on={clip}
        onTurn={(on) => setView({ clip: on })}
      />
      {!saved && <MarksChoice />}
      {canGroup && <Switch action="grouped" text="average groups" on={grouped} onTurn={(on) => setView({ grouped: on })} />}
      {canGroup && grouped && <GroupTools />}
      {onAdd && (
        <button type="button" class="button" data-action="add-chart" title="A chart of any metrics" onClick={onAdd}>
          Add chart…
        </button>
      )}
      {children}
    </div>
  );
}

/** Nobody scrolls through more. */
const MOST_AXES = 200;
const AXES = ["step", "relative", "wall", "epoch"];

function XAxis({ metrics, value }: { metrics: readonly string[]; value: string }): JSX.Element {
  const others = metrics.slice(0, MOST_AXES).map((metric) => `metric:${metric}`);
  const known = AXES.includes(value) || others.includes(value);
  return (
    <select data-action="x" value={value} onChange={(event) => setView({ x: event.currentTarget.value })}>
      {AXES.map((axis) => (
        <option key={axis} value={axis}>
          {xName(axis)}
        </option>
      ))}
      {others.map((axis) => (
        <option key={axis} value={axis}>
          {xName(axis)}
        </option>
      ))}
      {metrics.length > MOST_AXES && <option disabled>{metrics.length - MOST_AXES} more: filter the metrics</option>}
      {!known && <option value={value}>{xName(value)}</option>}
    </select>
  );
}

function GroupTools(): JSX.Element {
  const { center, band } = view.value;
  return (
    <>
      <select
        data-action="center"
        aria-label="Middle of a group"
        value={center}
        onChange={(event) => setView({ center: event.currentTarget.value as typeof center })}
      >
        <option value="mean">mean</option>
        <option value="median">median</option>
      </select>
      <select
        data-action="band"
        aria-label="Band of a group"
        title="The 95 % interval is that of the mean, by Student's t"
        value={band}
        onChange={(event) => setView({ band: event.currentTarget.value as typeof band })}
      >
        <option value="t95">95 % interval</option>
        <option value="std">± standard deviation</option>
        <option value="stderr">± standard error</option>
        <option value="minmax">min to max</option>
        <option value="none">no band</option>
      </select>
    </>
  );
}

interface SwitchProps {
  action: string;
  text: string;
  title?: string;
  on: boolean;
  onTurn(on: boolean): void;
}

export function Switch({ action, text, title, on, onTurn }: SwitchProps): JSX.Element {
  return (
    <button type="button" class="button" data-action={action} title={title} aria-pressed={on} onClick={() => onTurn(!on)}>
      {text}
    </button>
  );
}
