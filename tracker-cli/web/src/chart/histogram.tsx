import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { formatNumber } from "../model/format.ts";
import { colorScale, shareOf } from "../model/layer_grid.ts";
import type { ColorScale } from "../model/layer_grid.ts";
import { formatCount, formatTick, share, ticks } from "../model/scale.ts";
import { viridis } from "../model/viridis.ts";
import { ColorLegend } from "../part/color_legend.tsx";
import { heatMap, ridges } from "./bins.ts";
import type { HeatMap } from "./bins.ts";
import "./small.css";
import type { HistogramProps } from "./types.ts";
import { useWidth } from "./use_width.ts";

const BINS = 64;
const VIEWS = ["heat map", "ridges"] as const;
type View = (typeof VIEWS)[number];

/** How many values a tensor has of which size at each logged step: as colours, or as one hill behind the other. */
export function HistogramOverTime({ rows }: HistogramProps): JSX.Element {
  const [view, setView] = useState<View>("heat map");
  const [said, setSaid] = useState("");
  const map = useMemo(() => heatMap(rows, BINS), [rows]);
  const scale = useMemo(() => map && colorScale(positive(map)), [map]);
  if (!map || !scale)
    return (
      <figure class="small-chart" data-histogram data-rows={0}>
        <figcaption>{rows.length === 0 ? "No histogram has been logged yet." : "None of the histograms has a value."}</figcaption>
      </figure>
    );
  return (
    <figure class="small-chart histogram" data-histogram={view} data-rows={rows.length}>
      <div class="row" role="group" aria-label="How histograms are drawn">
        {VIEWS.map((each) => (
          <button
            key={each}
            type="button"
            class="button small"
            data-action={`histogram-${each[0]}`}
            aria-pressed={each === view}
            onClick={() => setView(each)}
          >
            {each}
          </button>
        ))}
      </div>
      {view === "heat map" ? <Heat map={map} scale={scale} onPoint={setSaid} /> : <Ridges map={map} onPoint={setSaid} />}
      <p class="muted tiny histogram-said" data-text="histogram-place">
        {said || "Point at a place to read it."}
      </p>
      {view === "heat map" && <ColorLegend scale={scale} label="values in a bin" />}
    </figure>
  );
}

function* positive({ columns }: HeatMap): Iterable<number> {
  // Where a bin holds a part of another histogram's bin, less than one value is none.
  for (const { counts } of columns) for (const count of counts) if (count >= 0.5) yield count;
}

interface PictureProps {
  map: HeatMap;
  onPoint(said: string): void;
}

function placeText({ min, max, columns }: HeatMap, column: number, bin: number): string {
  const found = columns[column];
  if (!found) return "";
  const width = (max - min) / BINS;
  const [from, to] = [min + bin * width, min + (bin + 1) * width];
  return `step ${found.step} · ${formatNumber(from)} to ${formatNumber(to)} · ${formatCount(Math.round(found.counts[bin] ?? 0))} of ${formatCount(found.total)}`;
}

function Heat({ map, scale, onPoint }: PictureProps & { scale: ColorScale }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { min, max, columns } = map;
  useLayoutEffect(() => {
    if (canvas.current) paint(canvas.current, map, scale);
  }, [map, scale]);
  const point = (event: PointerEvent & { currentTarget: HTMLCanvasElement }): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const across = Math.floor(((event.clientX - box.left) / box.width) * columns.length);
    const up = BINS - 1 - Math.floor(((event.clientY - box.top) / box.height) * BINS);
    onPoint(placeText(map, across, up));
  };
  return (
    <div class="histogram-frame">
      <div class="histogram-y" aria-hidden="true">
        {ticks([min, max], 5, false).map((tick) => (
          <span key={tick} style={{ bottom: `${share(tick, [min, max], false) * 100}%` }}>
            {formatTick(tick)}
          </span>
        ))}
      </div>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Values from ${formatNumber(min)} to ${formatNumber(max)} over ${columns.length} steps`}
        onPointerMove={point}
        onPointerLeave={() => onPoint("")}
      />
      <div class="histogram-x">
        <span>step {columns[0]?.step}</span>
        <span>{columns[columns.length - 1]?.step}</span>
      </div>
    </div>
  );
}

/** One pixel a bin and step; the browser stretches the picture. */
function paint(canvas: HTMLCanvasElement, { columns }: HeatMap, scale: ColorScale): void {
  canvas.width = columns.length;
  canvas.height = BINS;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  columns.forEach(({ counts }, left) =>
    counts.forEach((count, bin) => {
      if (count < 0.5) return;
      context.fillStyle = `rgb(${viridis(shareOf(count, scale)).join(" ")})`;
      context.fillRect(left, BINS - 1 - bin, 1, 1);
    }),
  );
}

/** Hills behind each other: as many as are told apart, the first step in front. */
const MOST_RIDGES = 24;
const [ROW, PEAK, FOOT, SIDE] = [14, 44, 22, 56];

function Ridges({ map, onPoint }: PictureProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, 640);
  const { min, max, columns } = map;
  const hills = useMemo(() => ridges(map, MOST_RIDGES), [map]);
  const plane = Math.max(40, width - SIDE - 8);
  const height = PEAK + hills.length * ROW + FOOT;
  const left = (bin: number): number => SIDE + (bin / BINS) * plane;
  return (
    <div ref={box}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`Hills of values from ${formatNumber(min)} to ${formatNumber(max)}, of ${hills.length} steps, the last behind`}
        onPointerLeave={() => onPoint("")}
      >
        {hills.map(({ column, heights }, at) => {
          const floor = PEAK + (at + 1) * ROW;
          const corners = heights.map((high, bin) => `${left(bin + 0.5).toFixed(1)} ${(floor - high * PEAK).toFixed(1)}`);
          return (
            <g key={column} class="ridge">
              <path
                d={`M${left(0)} ${floor}L${corners.join("L")}L${left(BINS)} ${floor}Z`}
                onPointerMove={(event) => {
                  const across = event.clientX - (event.currentTarget.ownerSVGElement as SVGSVGElement).getBoundingClientRect().left - SIDE;
                  onPoint(placeText(map, column, Math.max(0, Math.min(BINS - 1, Math.floor((across / plane) * BINS)))));
                }}
              />
              {(at % 3 === 0 || at === hills.length - 1) && (
                <text x={SIDE - 6} y={floor + 3} text-anchor="end">
                  {at === 0 ? "step " : ""}
                  {columns[column]?.step}
                </text>
              )}
            </g>
          );
        })}
        {ticks([min, max], Math.max(2, Math.floor(plane / 90)), false).map((tick) => (
          <text key={tick} x={SIDE + share(tick, [min, max], false) * plane} y={height - 6} text-anchor="middle">
            {formatTick(tick)}
          </text>
        ))}
      </svg>
    </div>
  );
}
