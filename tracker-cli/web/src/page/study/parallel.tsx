import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Parallel } from "../../chart/index.ts";
import type { ParallelAxis, ParallelLine } from "../../chart/index.ts";
import { setView, view } from "../../data/route.ts";
import { dark } from "../../data/theme.ts";
import type { StudyTrial } from "../../data/types.ts";
import { isFlipped, isLog, withFlip, withLog } from "../../model/results_choice.ts";
import { ramp } from "../../model/hue.ts";
import { PLAIN } from "../../model/palette.ts";
import { oneLine } from "../../model/safe_text.ts";
import { byImportance, isLogLike, placeOf, valueOfTrial, wordsOf } from "../../model/study.ts";
import type { Study } from "../../model/study.ts";
import { HueLegend } from "../../part/hue_legend.tsx";
import { useClosing } from "../../part/use_closing.ts";
import { Card } from "./card.tsx";
import type { ShownStudy } from "./card.tsx";
import { openTrial, trialName } from "./trial_looks.ts";
import { litTrial } from "./use_study.ts";

/** So many parameters have room at first, those that matter most. */
const AT_FIRST = 7;

/** Each trial as a line over its parameters and what it came to. */
export function StudyParallel({ study, metric }: ShownStudy): JSX.Element | null {
  const { axes: asked, scales } = view.value;
  const [brushed, setBrushed] = useState<string[] | null>(null);
  const usual = useMemo(() => usualAxes(study, metric), [study, metric]);
  const known = asked.filter((name) => study.parameters.some((parameter) => parameter.name === name));
  const names = known.length > 0 ? known : usual;
  const shown = names.join("\n");
  const isDark = dark.value;
  const axes = useMemo(() => [...names.map((name) => axisOf(study, name, scales)), ...metricAxes(study, scales)], [study, shown, scales]);
  const colours = useMemo(() => {
    const values = study.all.map((trial) => (trial.state === "complete" ? valueOfTrial(trial, metric) : NaN));
    return ramp(values, isLogLike(values), isDark);
  }, [study, metric, isDark]);
  const lines = useMemo(() => {
    const drawn = study.all.filter((trial) => trial.state === "complete" || trial.state === "pruned");
    return drawn.map((trial) =>
      lineOf(study, trial, names, trial.state === "complete" ? colours.of(valueOfTrial(trial, metric)) : PLAIN.color),
    );
  }, [study, shown, colours]);
  if (axes.length < 2) return null;
  const turn = (at: number, { log, flip }: { log?: boolean; flip?: boolean }): void => {
    const key = keyOf(study, names, at);
    if (log !== undefined) setView({ scales: withLog(scales, key, log) });
    if (flip !== undefined) setView({ scales: withFlip(scales, key, flip) });
  };
  const metricName = oneLine(study.metrics[metric]?.name ?? "");
  return (
    <Card name="parallel" title="Parameters and results" wide tools={<AxesChoice study={study} chosen={names} />}>
      <div class="results-picture">
        <Parallel
          key={shown}
          axes={axes}
          lines={lines}
          of={lines.length}
          noun="trial"
          lit={litTrial}
          onPick={openTrial(study)}
          onBrush={setBrushed}
          onAxis={turn}
        />
        <HueLegend hues={colours} label={metricName} unit={undefined} />
        <p class="muted tiny" role="status" data-brushed={brushed?.length ?? lines.length}>
          {brushed
            ? `${brushed.length} of ${lines.length} trials`
            : "Drag along an axis, or use its arrow keys, to keep some trials. Grey: pruned."}
        </p>
      </div>
    </Card>
  );
}

/** In the order of the study. */
function usualAxes(study: Study, metric: number): string[] {
  const most = new Set(
    byImportance(study, metric)
      .slice(0, AT_FIRST)
      .map(({ name }) => name),
  );
  return study.parameters.map(({ name }) => name).filter((name) => most.has(name));
}

function keyOf(study: Study, names: readonly string[], at: number): string {
  return names[at] ?? study.metrics[at - names.length]?.name ?? "";
}

function axisOf(study: Study, name: string, scales: readonly string[]): ParallelAxis {
  const parameter = study.parameters.find((each) => each.name === name);
  const words = parameter && wordsOf(parameter);
  const axis = { label: oneLine(name), log: isLog(scales, name, parameter?.log ?? false), flip: isFlipped(scales, name) };
  return words ? { ...axis, log: false, categories: words } : axis;
}

function metricAxes(study: Study, scales: readonly string[]): ParallelAxis[] {
  return study.metrics.map(({ name }, place) => {
    const log = isLogLike(study.all.map((trial) => valueOfTrial(trial, place)));
    return { label: oneLine(name), log: isLog(scales, name, log), flip: isFlipped(scales, name) };
  });
}

function lineOf(study: Study, trial: StudyTrial, names: readonly string[], color: string): ParallelLine {
  const places = names.map((name) => {
    const parameter = study.parameters.find((each) => each.name === name);
    return parameter ? placeOf(parameter, trial.params[name]) : null;
  });
  const values = study.metrics.map((_, place) => {
    const value = valueOfTrial(trial, place);
    return Number.isFinite(value) ? value : null;
  });
  return { id: String(trial.number), label: trialName(trial), color, dash: 0, values: [...places, ...values] };
}

function AxesChoice({ study, chosen }: { study: Study; chosen: readonly string[] }): JSX.Element {
  const details = useClosing();
  const toggle = (name: string): void => {
    const wanted = new Set(chosen);
    if (!wanted.delete(name)) wanted.add(name);
    setView({ axes: study.parameters.map((parameter) => parameter.name).filter((each) => wanted.has(each)) });
  };
  return (
    <details ref={details} class="picker study-axes">
      <summary class="button small" data-action="study-axes">
        Axes ▾
      </summary>
      <div class="picker-box card">
        {study.parameters.map(({ name }) => (
          <label key={name} class="row">
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
            <span class="clip">{oneLine(name)}</span>
          </label>
        ))}
      </div>
    </details>
  );
}
