import { curvesOfLines } from "./curve.ts";
import { xExtent, yExtent } from "./extent.ts";
import { Plot } from "./plot.ts";
import { PLAIN_OPTIONS } from "./types.ts";
import type { Series } from "../data/curves.ts";

const SIZE = { width: 200, height: 100 };
/** So many that, on any screen, several stand in a column of pixels, as those of real curves do. */
const POINTS = 2000;

let isWarm = false;

/**
 * While the first curves are on their way, the browser compiles what will draw them: it draws a chart that nobody sees.
 * The first real one would take several times as long as those after it.
 */
export function warmUp(): void {
  if (isWarm) return;
  isWarm = true;
  // What is asked for goes out before.
  setTimeout(() => {
    const curves = curvesOfLines(
      [{ id: "", label: "", color: "#000", dash: 0 }],
      [{ metric: "", title: "" }],
      () => straightLine(),
      PLAIN_OPTIONS,
    );
    const xRange = xExtent(curves, false) ?? [0, 1];
    const yRange = yExtent(curves, xRange, { log: false, clip: false }) ?? [0, 1];
    const kind = { x: "step", xLog: false, yLog: false, syncKey: "warm-up", unit: undefined, right: null };
    const plot = new Plot(document.createElement("div"), SIZE, kind, { curves, xRange, yRange, ticks: [] }, NOBODY);
    // The picture is drawn at the end of this turn.
    setTimeout(() => plot.destroy());
  });
}

function straightLine(): Series {
  const x = Float32Array.from({ length: POINTS }, (_, at) => at);
  return {
    metric: "",
    run: "",
    x,
    last: x,
    exact: true,
    total: POINTS,
    firstStep: 0,
    lastStep: POINTS - 1,
    notFinite: [],
    diverged: null,
    alerts: [],
  };
}

const nothing = (): void => undefined;
const NOBODY = { onPointer: nothing, onZoom: nothing, onReset: nothing, isZoomed: () => false, onClick: nothing };
