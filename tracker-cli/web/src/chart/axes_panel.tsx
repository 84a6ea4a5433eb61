import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isUsual, parseBound, shownBound } from "../model/own_axes.ts";
import type { OwnAxes } from "../model/own_axes.ts";
import type { ChartOptions } from "./types.ts";

interface AxesPanelProps {
  own: OwnAxes;
  /** As the chart has them now. */
  options: ChartOptions;
  /** In which the numbers of y are read. */
  unit: string | undefined;
  onOwn(own: OwnAxes): void;
  onClose(): void;
}

/** The axes of one chart, over what holds for all. */
export function AxesPanel({ own, options, unit, onOwn, onClose }: AxesPanelProps): JSX.Element {
  const { yLog, clipOutliers, smooth } = options;
  return (
    <div class="chart-axes" role="group" aria-label="Axes of this chart">
      <Turn action="own-ylog" text="log y" on={yLog} onTurn={(on) => onOwn({ ...own, yLog: on })} />
      <Turn action="own-clip" text="ignore outliers" on={clipOutliers} onTurn={(on) => onOwn({ ...own, clip: on })} />
      <label>
        smooth
        <input
          type="range"
          data-action="own-smooth"
          min="0"
          max="0.99"
          step="0.01"
          value={smooth}
          onInput={(event) => onOwn({ ...own, smooth: Number(event.currentTarget.value) })}
        />
        {smooth.toFixed(2)}
      </label>
      <YRange own={own} unit={unit} onOwn={onOwn} />
      <span class="chart-space" />
      <button type="button" class="button small" data-action="own-reset" disabled={isUsual(own)} onClick={() => onOwn({})}>
        As the others
      </button>
      <button type="button" class="button small" data-action="own-close" aria-label="Close the axes" onClick={onClose}>
        ✕
      </button>
    </div>
  );
}

interface TurnProps {
  action: string;
  text: string;
  on: boolean;
  onTurn(on: boolean): void;
}

function Turn({ action, text, on, onTurn }: TurnProps): JSX.Element {
  return (
    <button type="button" class="button small" data-action={action} aria-pressed={on} onClick={() => onTurn(!on)}>
      {text}
    </button>
  );
}

type Bound = "low" | "high";

/** Where y begins and ends; what is left empty is as the curves need it. */
function YRange({ own, unit, onOwn }: Pick<AxesPanelProps, "own" | "unit" | "onOwn">): JSX.Element {
  const [problem, setProblem] = useState<string | null>(null);
  const take = (which: Bound, typed: string): void => {
    const bound = parseBound(typed, unit);
    const next = { ...own, [which]: bound };
    const found = bound === null ? "write a number, such as 0.5 or 1e-3" : problemOf(next as OwnAxes);
    setProblem(found);
    if (found === null) onOwn(next as OwnAxes);
  };
  const isWrong = problem !== null;
  return (
    <span class="chart-y-range">
      y{" "}
      <BoundInput
        name="low"
        label="Least value of y"
        value={shownBound(own.low, unit)}
        isWrong={isWrong}
        onTake={(typed) => take("low", typed)}
      />
      to{" "}
      <BoundInput
        name="high"
        label="Greatest value of y"
        value={shownBound(own.high, unit)}
        isWrong={isWrong}
        onTake={(typed) => take("high", typed)}
      />
      {problem && (
        <span class="chart-error" role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}

function problemOf({ low = -Infinity, high = Infinity }: OwnAxes): string | null {
  return low < high ? null : "the first must be the smaller one";
}

interface BoundInputProps {
  name: Bound;
  label: string;
  value: string;
  isWrong: boolean;
  onTake(typed: string): void;
}

/** What is typed counts with Enter or as the focus leaves; charts are drawn again while somebody types, and leave it alone. */
function BoundInput({ name, label, value, isWrong, onTake }: BoundInputProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (input.current) input.current.value = value;
  }, [value]);
  return (
    <input
      ref={input}
      type="text"
      inputMode="decimal"
      data-input={`own-${name}`}
      aria-label={label}
      aria-invalid={isWrong}
      placeholder={name === "low" ? "least" : "most"}
      onChange={(event) => onTake(event.currentTarget.value)}
    />
  );
}
