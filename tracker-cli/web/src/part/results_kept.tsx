import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { ChartTitle } from "../chart/chart_title.tsx";
import { Menu } from "../chart/menu.tsx";
import { view } from "../data/route.ts";
import { definitions } from "../data/state.ts";
import type { ChartChoice } from "../model/chart_choice.ts";
import { titleOfResults } from "../model/results_choice.ts";
import type { ResultsChoice } from "../model/results_choice.ts";
import type { Board, ChartHandles } from "./board_chart.tsx";
import { resultsOf } from "./results_data.ts";
import { ResultsImportance } from "./results_importance.tsx";
import { ResultsParallel, ResultsScatter } from "./results_picture.tsx";

interface KeptProps {
  board: Board;
  choice: ChartChoice;
  shown: ResultsChoice;
  handles: ChartHandles;
}

/** A picture of settings and results among the charts. It shows all runs that the page has found, not only those that are drawn. */
export function KeptResults({ board: { listed, looks, charts, layout }, choice, shown, handles }: KeptProps): JSX.Element {
  const [naming, setNaming] = useState(false);
  const { sort } = view.value;
  const word = JSON.stringify(shown);
  const results = useMemo(() => resultsOf(listed, definitions.value, shown, sort), [listed, definitions.value, word, sort]);
  const usual = titleOfResults({ kind: shown.kind, across: results.across ?? "", up: results.up ?? "" });
  const scales = (next: string[]): void => charts.set({ ...choice, results: { ...shown, scales: next } });
  const remove = (): void => {
    charts.set(without(choice));
    layout.forget(choice.key);
  };
  return (
    <div class="chart results-kept" data-chart={choice.key} data-picture={shown.kind} role="group" aria-label={choice.name || usual}>
      <header class="chart-head">
        {handles.lead}
        <ChartTitle
          title={choice.name || usual}
          full={usual}
          editing={naming}
          onDone={(typed) => {
            setNaming(false);
            if (typed !== null) charts.set({ ...choice, name: typed });
          }}
        />
        <span class="chart-space" />
        {handles.tools}
        <Menu
          label="More"
          items={[
            { action: "rename", text: "Rename…", run: () => setNaming(true) },
            { action: "hide", text: "Hide this chart", run: () => layout.hide(choice.key) },
            { action: "remove-chart", text: "Remove this chart", run: remove },
          ]}
        />
      </header>
      {shown.kind === "scatter" && <ResultsScatter results={results} looks={looks} hue={shown.hue} />}
      {shown.kind === "parallel" && <ResultsParallel results={results} looks={looks} hue={shown.hue} onScales={scales} />}
      {shown.kind === "importance" && <ResultsImportance results={results} />}
    </div>
  );
}

function without({ results: _, ...rest }: ChartChoice): ChartChoice {
  return { ...rest, lines: [] };
}
