import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { api } from "../data/api.ts";
import { definitions } from "../data/state.ts";
import { keyOfMetric } from "../model/chart_choice.ts";
import type { Layer, LayerFamily } from "../model/layers.ts";
import { oneLine } from "../model/safe_text.ts";
import type { Range } from "../model/scale.ts";
import { useFetched } from "../page/run/use_detail.ts";
import { PlainChart } from "./board_chart.tsx";
import type { Board } from "./board_chart.tsx";
import { LayerMap } from "./layer_map.tsx";
import { runLabel } from "./run_name.tsx";

interface LayerMapsProps {
  board: Board;
  families: readonly LayerFamily[];
  /** The section whose name the titles of single charts leave out. */
  section: string;
}

/** A map for each quantity of the layers, of one run at a time; below it the curve of a layer that somebody asked for, and all of them folded. */
export function LayerMaps({ board, families, section }: LayerMapsProps): JSX.Element {
  const [chosen, setChosen] = useState("");
  const able = board.runs.filter((run) => families.some(({ layers }) => layers.some(({ metric }) => run.summary[metric])));
  const run = able.find(({ id }) => id === chosen) ?? able[0];
  const ordered = useOrdered(families, run?.id ?? "");
  if (!run) return <p class="muted">No run that is shown has values of these layers. Open the eye of one that has.</p>;
  return (
    <div class="layer-maps">
      {able.length > 1 && (
        <label class="field">
          layers of
          <select data-action="map-run" value={run.id} onChange={(event) => setChosen(event.currentTarget.value)}>
            {able.map((each) => (
              <option key={each.id} value={each.id}>
                {oneLine(runLabel(each))}
              </option>
            ))}
          </select>
        </label>
      )}
      {ordered.map((family) => (
        <FamilyMap key={family.key} board={board} family={family} run={{ id: run.id, live: run.state === "running" }} section={section} />
      ))}
    </div>
  );
}

/** The layers of each family as the run first logged them, which is the order of the model. */
function useOrdered(families: readonly LayerFamily[], run: string): LayerFamily[] {
  const { value } = useFetched(async () => (run === "" ? null : (await api.run(run)).metrics), run, true);
  return useMemo(() => {
    const place = new Map((value ?? []).map((metric, at) => [metric, at]));
    const of = ({ metric }: Layer): number => place.get(metric) ?? place.size;
    return families.map((family) => ({ ...family, layers: [...family.layers].sort((a, b) => of(a) - of(b)) }));
  }, [families, value]);
}

interface FamilyMapProps {
  board: Board;
  family: LayerFamily;
  run: { id: string; live: boolean };
  section: string;
}

/** Single charts at first, when somebody opens the fold. */
const FIRST = 24;

function FamilyMap({ board, family, run, section }: FamilyMapProps): JSX.Element {
  const { charts, options } = board;
  const [opened, setOpened] = useState<string | null>(null);
  const [unfolded, setUnfolded] = useState(false);
  const [all, setAll] = useState(false);
  // The map's zoom stands in the address as that of a chart does.
  const choice = charts.of(keyOfMetric(family.key));
  const zoom = choice.zoom?.x === "step" ? choice.zoom.range : null;
  const setZoom = (range: Range | null): void => charts.set({ ...choice, zoom: range && { x: "step", range } });
  const shared = options.x === "step" ? { range: zoom, onRange: setZoom } : undefined;
  const singles = all ? family.layers : family.layers.slice(0, FIRST);
  return (
    <>
      <LayerMap
        family={family}
        run={run}
        unit={definitions.value[family.layers[0]?.metric ?? ""]?.unit ?? undefined}
        zoom={zoom}
        onZoom={setZoom}
        opened={opened}
        onOpen={setOpened}
      />
      {opened !== null && (
        <div class="charts single" data-opened={opened}>
          <PlainChart key={opened} board={board} choice={charts.of(keyOfMetric(opened))} section={section} zoom={shared} />
        </div>
      )}
      <details class="layer-singles" onToggle={(event) => setUnfolded(event.currentTarget.open)}>
        <summary class="muted" data-action="single-charts">
          {family.layers.length} single charts
        </summary>
        {unfolded && (
          <div class="charts">
            {singles.map(({ metric }) => (
              <PlainChart key={metric} board={board} choice={charts.of(keyOfMetric(metric))} section={section} />
            ))}
          </div>
        )}
        {unfolded && singles.length < family.layers.length && (
          <button type="button" class="button small" data-action="more-singles" onClick={() => setAll(true)}>
            Show all {family.layers.length}
          </button>
        )}
      </details>
    </>
  );
}
