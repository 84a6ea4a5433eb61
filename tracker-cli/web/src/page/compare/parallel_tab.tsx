import type { JSX } from "preact";
import { setView, view } from "../../data/route.ts";
import type { Definitions, Run } from "../../data/types.ts";
import { OWN_HUE } from "../../model/results_choice.ts";
import type { Looks } from "../../model/palette.ts";
import { ResultsParallel } from "../../part/results_picture.tsx";
import { AxesPicker, HueSelect } from "../../part/results_tools.tsx";
import { useResults } from "./scatter_tab.tsx";

interface TabProps {
  runs: readonly Run[];
  definitions: Definitions;
  looks: Looks;
}

/** Runs as lines over axes of settings and results; each in its own colour, as it stands in the other tabs. */
export function ParallelTab({ runs, definitions, looks }: TabProps): JSX.Element {
  const results = useResults(runs, definitions);
  return (
    <>
      <div class="board-tools">
        <AxesPicker results={results} />
        <HueSelect results={results} />
      </div>
      <ResultsParallel results={results} looks={looks} hue={view.value.hue || OWN_HUE} onScales={(scales) => setView({ scales })} />
    </>
  );
}
