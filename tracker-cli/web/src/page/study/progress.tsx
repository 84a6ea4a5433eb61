import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Scatter } from "../../chart/index.ts";
import { dark } from "../../data/theme.ts";
import { oneLine } from "../../model/safe_text.ts";
import { bestSoFar, frontLine, isLogLike, paramsText, valueOfTrial } from "../../model/study.ts";
import type { Study } from "../../model/study.ts";
import { Card } from "./card.tsx";
import type { ShownStudy } from "./card.tsx";
import { COLORS_SAID, openTrial, trialColor, trialName } from "./trial_looks.ts";
import { litTrial } from "./use_study.ts";

/** The value of each trial by its number, and the best one so far. */
export function Progress({ study, metric }: ShownStudy): JSX.Element {
  const told = study.metrics[metric];
  const isDark = dark.value;
  const points = useMemo(() => {
    const color = trialColor(study);
    return study.all.map((trial) => ({
      id: String(trial.number),
      label: trialName(trial),
      color: color(trial),
      x: trial.number,
      y: valueOfTrial(trial, metric),
    }));
  }, [study, metric, isDark]);
  const line = useMemo(() => (told ? bestSoFar(study.all, told, metric) : []), [study, metric]);
  const label = oneLine(told?.name ?? "");
  return (
    <Card name="progress" title={`${label} by trial`}>
      <Scatter
        points={points}
        of={study.all.length}
        noun="trial"
        lit={litTrial}
        tell={tellParams(study)}
        xLabel="trial"
        yLabel={label}
        xLog={false}
        yLog={isLogLike(points.map(({ y }) => y))}
        line={line}
        onPick={openTrial(study)}
      />
      <p class="muted tiny">The line: the best so far. {COLORS_SAID}</p>
    </Card>
  );
}

/** Two metrics against each other. With more than two, the first, or the second, against the one that is looked at. */
export function Front({ study, metric }: ShownStudy): JSX.Element {
  const [across, up] = metric === 0 ? [0, 1] : [0, metric];
  const isDark = dark.value;
  const points = useMemo(() => {
    const color = trialColor(study);
    return study.all.map((trial) => ({
      id: String(trial.number),
      label: trialName(trial),
      color: color(trial),
      x: valueOfTrial(trial, across),
      y: valueOfTrial(trial, up),
    }));
  }, [study, across, up, isDark]);
  const isPair = study.metrics.length === 2;
  const line = useMemo(() => (isPair ? frontLine(study.all, study.front_trials, study.metrics) : undefined), [study]);
  const [xLabel, yLabel] = [oneLine(study.metrics[across]?.name ?? ""), oneLine(study.metrics[up]?.name ?? "")];
  return (
    <Card name="front" title={`${yLabel} against ${xLabel}`}>
      <Scatter
        points={points}
        of={study.all.length}
        noun="trial"
        lit={litTrial}
        tell={tellParams(study)}
        xLabel={xLabel}
        yLabel={yLabel}
        xLog={isLogLike(points.map(({ x }) => x))}
        yLog={isLogLike(points.map(({ y }) => y))}
        onPick={openTrial(study)}
        {...(line && { line })}
      />
      <p class="muted tiny">Orange: beaten by no other trial in all metrics{isPair && "; the line goes along them"}.</p>
    </Card>
  );
}

/** What a trial was given, in words. */
export function tellParams(study: Study): (id: string) => string[] {
  return (id) => {
    const trial = study.all[Number(id)];
    return trial ? [paramsText(study.parameters, trial.params)] : [];
  };
}
