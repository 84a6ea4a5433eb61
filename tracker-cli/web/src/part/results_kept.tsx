import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { ChartTitle } from "../chart/chart_title.tsx";
import { Menu } from "../chart/menu.tsx";
import { view } from "../data/route.ts";
import { definitions } from "../data/state.ts";
import type { ChartChoice } from "../model/chart_choice.ts";
import { titleOf } from "../model/column.ts";
import type { ResultsChoice } from "../model/results_choice.ts";
import { oneLine } from "../model/safe_text.ts";
import type { Board } from "./board_chart.tsx";
import { resultsOf } from "./results_data.ts";
import { ResultsImportance } from "./results_importance.tsx";
import { ResultsParallel, ResultsScatter } from "./results_picture.tsx";

/** What such a picture is called before somebody names it. */
export function titleOfResults({ kind, across, up }: Pick<ResultsChoice, "kind" | "across" | "up">): string {
  const [setting, result] = [oneLine(titleOf(across)), oneLine(titleOf(up))];
  switch (kind) {
    case "scatter":
      return `${result} over ${setting}`;
    case "importance":
      return `What ${result} hangs on`;
    case "parallel":
      return `Settings and ${result}`;
  }
}

interface KeptProps {
  board: Board;
  choice: ChartChoice;
  shown: ResultsChoice;
}

/** A picture of settings and results among the charts. It shows all runs that the page has found, not only those that are drawn. */
export function KeptResults({ board: { listed, looks, charts }, choice, shown }: KeptProps): JSX.Element {
  const [naming, setNaming] = useState(false);
  const { sort } = view.value;
  const word = JSON.stringify(shown);
  const results = useMemo(() => resultsOf(listed, definitions.value, shown, sort), [listed, definitions.value, word, sort]);
  const usual = titleOfResults({ kind: shown.kind, across: results.across ?? "", up: results.up ?? "" });
  const scales = (next: string[]): void => charts.set({ ...choice, results: { ...shown, scales: next } });
  return (
    <div class="chart results-kept" data-chart={choice.key} data-picture={shown.kind} role="group" aria-label={choice.name || usual}>
      <header class="chart-head">
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
        <Menu
          label="More"
          items={[
            { action: "rename", text: "Rename…", run: () => setNaming(true) },
            { action: "remove-chart", text: "Remove this chart", run: () => charts.set(without(choice)) },
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
