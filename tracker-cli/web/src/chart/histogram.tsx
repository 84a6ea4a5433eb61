import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatNumber } from "../model/format.ts";
import { formatTick } from "../model/scale.ts";
import { heatMap } from "./bins.ts";
import type { HeatMap } from "./bins.ts";
import "./small.css";
import { onTheme, theme } from "./theme.ts";
import type { HistogramProps } from "./types.ts";

const BINS = 64;

/** How values are spread at each logged step: the denser, the darker. */
export function HistogramOverTime({ rows }: HistogramProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [themes, setThemes] = useState(0);
  const map = heatMap(rows, BINS);
  useLayoutEffect(() => onTheme(() => setThemes((count) => count + 1)), []);
  useLayoutEffect(() => {
    if (canvas.current && map) paint(canvas.current, map);
  }, [rows, themes]);
  if (!map)
    return (
      <figure class="small-chart" data-histogram data-rows={0}>
        <figcaption>No histogram has been logged yet.</figcaption>
      </figure>
    );
  return (
    <figure class="small-chart histogram" data-histogram data-rows={rows.length}>
      <div class="histogram-frame">
        <div class="histogram-y">
          <span>{formatTick(map.max)}</span>
          <span>{formatTick((map.min + map.max) / 2)}</span>
          <span>{formatTick(map.min)}</span>
        </div>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Values from ${formatNumber(map.min)} to ${formatNumber(map.max)} over ${rows.length} steps`}
        />
        <div class="histogram-x">
          <span>step {rows[0]?.step}</span>
          <span>{rows[rows.length - 1]?.step}</span>
        </div>
      </div>
    </figure>
  );
}

/** One pixel a bin and step; the browser stretches the picture. The root makes thin tails visible. */
function paint(canvas: HTMLCanvasElement, { columns }: HeatMap): void {
  canvas.width = columns.length;
  canvas.height = BINS;
  const context = canvas.getContext("2d");
  if (!context) return;
  const most = Math.max(...columns.map((column) => Math.max(...column)), Number.MIN_VALUE);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = theme().accent;
  columns.forEach((column, left) =>
    column.forEach((share, bin) => {
      context.globalAlpha = Math.sqrt(share / most);
      context.fillRect(left, BINS - 1 - bin, 1, 1);
    }),
  );
}
