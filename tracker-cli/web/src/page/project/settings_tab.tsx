import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { setView, view } from "../../data/route.ts";
import { definitions } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { titleOf } from "../../model/column.ts";
import type { Looks } from "../../model/palette.ts";
import type { ResultsKind } from "../../model/results_choice.ts";
import { oneLine } from "../../model/safe_text.ts";
import { resultsOf } from "../../part/results_data.ts";
import type { Results } from "../../part/results_data.ts";
import { ResultsImportance } from "../../part/results_importance.tsx";
import { titleOfResults } from "../../model/results_choice.ts";
import { ResultsParallel, ResultsScatter } from "../../part/results_picture.tsx";
import { AxesPicker, ScatterTools, viewOfResults } from "../../part/results_tools.tsx";
import { useCharts } from "../../part/use_charts.ts";

interface SettingsTabProps {
  /** The runs that the search leaves. */
  runs: readonly Run[];
  looks: Looks;
  project: string;
}

/** Settings against results, of all runs that the search leaves; each picture can be kept as a chart of the board. */
export function SettingsTab({ runs, looks, project }: SettingsTabProps): JSX.Element {
  const { across, up, hue, axes, scales, sort } = view.value;
  const results = useMemo(
    () => resultsOf(runs, definitions.value, viewOfResults(view.value), sort),
    [runs, definitions.value, across, up, axes, scales, sort],
  );
  const charts = useCharts(project);
  const keep = (kind: ResultsKind): void => {
    const chosen = { across: results.across ?? "", up: results.up ?? "", hue, axes: [...results.axes], scales: [...scales] };
    charts.set({ ...charts.fresh(), results: { kind, ...chosen } });
  };
  return (
    <div class="board" data-settings={results.varying.length}>
      <div class="board-tools">
        <ScatterTools results={results} />
      </div>
      <div class="results-grid">
        <Card kind="scatter" results={results} onKeep={keep}>
          <ResultsScatter results={results} looks={looks} hue={hue} />
        </Card>
        <Card kind="importance" results={results} onKeep={keep}>
          <ResultsImportance results={results} onChoose={(column) => setView({ across: column })} />
        </Card>
      </div>
      <Card kind="parallel" results={results} onKeep={keep} tools={<AxesPicker results={results} />}>
        <ResultsParallel results={results} looks={looks} hue={hue} onScales={(next) => setView({ scales: next })} />
      </Card>
    </div>
  );
}

interface CardProps {
  kind: ResultsKind;
  results: Results;
  tools?: JSX.Element;
  children: JSX.Element;
  onKeep(kind: ResultsKind): void;
}

function Card({ kind, results, tools, children, onKeep }: CardProps): JSX.Element {
  const title = titleOfResults({ kind, across: results.across ?? "", up: results.up ?? "" });
  const [kept, setKept] = useState("");
  const keep = (): void => {
    onKeep(kind);
    setKept(title);
  };
  return (
    <section class="card results-card" data-picture={kind} aria-label={title}>
      <div class="row wrap">
        <h2 class="grow">{title}</h2>
        {kept === title && (
          <span class="tiny muted" role="status" data-notice="kept">
            kept among the charts
          </span>
        )}
        {tools}
        <button
          type="button"
          class="button small"
          data-action="keep"
          title={`Keep “${title}” among the charts of ${oneLine(titleOf(results.runs[0]?.project ?? ""))}`}
          onClick={keep}
        >
          Keep as chart
        </button>
      </div>
      {children}
    </section>
  );
}
