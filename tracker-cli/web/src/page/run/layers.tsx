import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { RunDetail } from "../../data/types.ts";
import { layerFamilies } from "../../model/layers.ts";
import type { Looks } from "../../model/palette.ts";
import { ChartBoard } from "../../part/chart_board.tsx";
import { Histograms } from "./histograms.tsx";

/** What each layer of the model did: maps of layers and steps, and how tensors are spread. */
export function Layers({ run, looks }: { run: RunDetail; looks: Looks }): JSX.Element {
  const drawn = useMemo(() => [run], [run]);
  const ofLayers = useMemo(
    () => new Set(layerFamilies(run.metrics).flatMap(({ layers }) => layers.map(({ metric }) => metric))),
    [run.metrics.join("\n")],
  );
  return (
    <>
      {ofLayers.size > 0 && <ChartBoard runs={drawn} looks={looks} keep={(metric) => ofLayers.has(metric)} />}
      {run.histograms.length > 0 && <Histograms run={run} />}
    </>
  );
}
