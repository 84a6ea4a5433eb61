/** ECharts on the benchmark's points, set up as its documentation advises for many points. */
import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { fetchCurves } from "../src/data/curves.ts";
import type { Series } from "../src/data/curves.ts";
import { looksTogether } from "../src/model/palette.ts";
import { settings, settled } from "./page.ts";

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

const { charts, runs } = settings();
const ids = Array.from({ length: runs }, (_, at) => `run-${at}`);
const looks = looksTogether(
  ids.map((id, hue) => ({ id, hue })),
  false,
);
let drawn = 0;

/** ECharts takes interleaved typed arrays without copying. */
function interleaved({ x, last }: Series): Float64Array {
  const pairs = new Float64Array(x.length * 2);
  for (let at = 0; at < x.length; at += 1) {
    pairs[2 * at] = x[at] as number;
    pairs[2 * at + 1] = last[at] as number;
  }
  return pairs;
}

async function draw(metric: string, element: HTMLElement): Promise<void> {
  const { series } = await fetchCurves({ metrics: [metric], runs: ids, x: "step", buckets: 1500 });
  const chart = init(element);
  chart.on("finished", () => {
    drawn += 1;
  });
  chart.setOption({
    animation: false,
    grid: { left: 48, right: 12, top: 8, bottom: 24 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "value", min: "dataMin", max: "dataMax" },
    yAxis: { type: "value", scale: true },
    series: series.map((one) => ({
      type: "line" as const,
      name: one.run,
      showSymbol: false,
      sampling: "minmax" as const,
      dimensions: ["x", "y"],
      data: interleaved(one),
      lineStyle: { width: 1, color: looks.get(one.run)?.color ?? "#000000" },
    })),
  });
}

const main = document.createElement("main");
document.body.append(main);
for (let at = 0; at < charts; at += 1) {
  const box = document.createElement("section");
  box.className = "chart";
  const body = document.createElement("div");
  body.className = "chart-body";
  box.append(body);
  main.append(box);
  void draw(`metric-${at}`, body);
}
settled(() => drawn >= charts);
