import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { view } from "../../data/route.ts";
import type { Definitions, Run } from "../../data/types.ts";
import type { Looks } from "../../model/palette.ts";
import { resultsOf } from "../../part/results_data.ts";
import type { Results } from "../../part/results_data.ts";
import { ResultsScatter } from "../../part/results_picture.tsx";
import { ScatterTools, viewOfResults } from "../../part/results_tools.tsx";

interface TabProps {
  runs: readonly Run[];
  definitions: Definitions;
  looks: Looks;
}

/** What of the compared runs can be drawn, and what is. */
export function useResults(runs: readonly Run[], definitions: Definitions): Results {
  const { across, up, axes, scales, sort } = view.value;
  return useMemo(() => resultsOf(runs, definitions, viewOfResults(view.value), sort), [runs, definitions, across, up, axes, scales, sort]);
}

/** Any two numbers of the runs against each other. */
export function ScatterTab({ runs, definitions, looks }: TabProps): JSX.Element {
  const results = useResults(runs, definitions);
  return (
    <div class="board">
      <div class="board-tools">
        <ScatterTools results={results} />
      </div>
      <div class="scatter-frame">
        <ResultsScatter results={results} looks={looks} hue={view.value.hue} />
      </div>
    </div>
  );
}
