import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Scatter } from "../../chart/index.ts";
import { setView, view } from "../../data/route.ts";
import { dark } from "../../data/theme.ts";
import type { StudyParameter } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { byImportance, isLogLike, placeOf, valueOfTrial, whenText, wordsOf } from "../../model/study.ts";
import { tellParams } from "./progress.tsx";
import { Card } from "./card.tsx";
import type { ShownStudy } from "./card.tsx";
import { openTrial, trialColor, trialName } from "./trial_looks.ts";
import { litTrial } from "./use_study.ts";

/** The values of the trials over one parameter. */
export function Slice({ study, metric }: ShownStudy): JSX.Element | null {
  const parameters = byImportance(study, metric);
  const asked = view.value.hue;
  const parameter = parameters.find(({ name }) => name === asked) ?? parameters[0];
  const isDark = dark.value;
  const points = useMemo(() => {
    if (!parameter) return [];
    const color = trialColor(study);
    return study.all.map((trial) => ({
      id: String(trial.number),
      label: trialName(trial),
      color: color(trial),
      x: placeOf(parameter, trial.params[parameter.name]) ?? NaN,
      y: valueOfTrial(trial, metric),
    }));
  }, [study, metric, parameter?.name, isDark]);
  if (!parameter) return null;
  const label = oneLine(study.metrics[metric]?.name ?? "");
  const when = whenText(parameter);
  return (
    <Card
      name="slice"
      title={`${label} over ${oneLine(parameter.name)}`}
      tools={
        <ParameterChoice action="slice" label="Over" parameters={parameters} chosen={parameter.name} onChoose={(hue) => setView({ hue })} />
      }
    >
      <Scatter
        points={points}
        of={study.all.length}
        noun="trial"
        lit={litTrial}
        tell={tellParams(study)}
        xWords={wordsOf(parameter)}
        xLabel={oneLine(parameter.name)}
        yLabel={label}
        xLog={parameter.log}
        yLog={isLogLike(points.map(({ y }) => y))}
        onPick={openTrial(study)}
      />
      {when !== "" && <p class="muted tiny">It is there {when}.</p>}
    </Card>
  );
}

interface ParameterChoiceProps {
  action: string;
  label: string;
  parameters: readonly StudyParameter[];
  chosen: string;
  onChoose(name: string): void;
}

/** One parameter of the study. */
export function ParameterChoice({ action, label, parameters, chosen, onChoose }: ParameterChoiceProps): JSX.Element {
  return (
    <label class="field">
      {label}
      <select data-action={action} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {parameters.map(({ name }) => (
          <option key={name} value={name}>
            {oneLine(name)}
          </option>
        ))}
      </select>
    </label>
  );
}
