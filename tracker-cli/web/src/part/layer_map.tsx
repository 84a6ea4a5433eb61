import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { watchOnScreen } from "../chart/on_screen.ts";
import { formatNumber } from "../model/format.ts";
import { MOST_COLUMNS, colorScale, layerGrid, shareOf, stepsOfColumn } from "../model/layer_grid.ts";
import type { ColorScale, LayerGrid } from "../model/layer_grid.ts";
import { titleOfFamily } from "../model/layers.ts";
import type { LayerFamily } from "../model/layers.ts";
import { oneLine } from "../model/safe_text.ts";
import { formatCount, formatTick, ticks } from "../model/scale.ts";
import type { Range } from "../model/scale.ts";
import { BROKEN, viridis } from "../model/viridis.ts";
import { ColorLegend } from "./color_legend.tsx";
import { usePrinting } from "./use_printing.ts";
import { useRunCurves } from "./use_run_curves.ts";
import "./layer_map.css";

interface LayerMapProps {
  family: LayerFamily;
  run: { id: string; live: boolean };
  unit?: string | undefined;
  /** The steps that are shown; null for all. */
  zoom: Range | null;
  onZoom(range: Range | null): void;
  /** The layer whose curve is open below; null for none. */
  opened: string | null;
  onOpen(metric: string | null): void;
}

/** A row's height: few layers are easy to point at, many fit on the screen. */
const [LEAST_ROW, MOST_ROW, MOST_HEIGHT] = [4, 18, 560];
/** The height that a name needs. */
const NAME = 13;
/** A drag of fewer pixels is a click. */
const LEAST_DRAG = 4;

interface Place {
  row: number;
  column: number;
}

/** A drag over the map, by shares of its width; a run that lives may have more steps in the end than when it began. */
interface Drag {
  from: number;
  to: number;
  range: Range;
}

/** One quantity of all layers over the steps: layers from top to bottom, steps from left to right, values as colours. */
export function LayerMap({ family, run, unit, zoom, onZoom, opened, onOpen }: LayerMapProps): JSX.Element {
  const root = useRef<HTMLElement>(null);
  const isNear = useNear(root);
  const metrics = useMemo(() => family.layers.map(({ metric }) => metric), [family]);
  const { series, isWhole, error } = useRunCurves({ run: run.id, metrics, buckets: MOST_COLUMNS, zoom, live: run.live, wanted: isNear });
  const grid = useMemo(
    () =>
      layerGrid(
        metrics.map((metric) => series.get(metric)),
        zoom,
      ),
    [series, metrics, zoom],
  );
  const scale = useMemo(() => grid && colorScale(grid.greatest), [grid]);
  const [place, setPlace] = useState<Place | null>(null);
  const title = titleOfFamily(family);
  const broken = grid?.broken.includes(1) ?? false;
  return (
    <figure
      ref={root}
      class="layer-map card"
      data-map={family.key}
      data-layers={family.layers.length}
      data-state={stateOf(grid, isWhole, error)}
    >
      <figcaption class="row wrap">
        <h3 class="grow">
          {title} <span class="muted tiny">{family.layers.length} layers × steps</span>
        </h3>
        {zoom && (
          <button type="button" class="button small" data-action="map-reset" onClick={() => onZoom(null)}>
            Reset zoom
          </button>
        )}
        <select
          data-action="map-layer"
          aria-label={`Curve of a layer, ${title}`}
          value={opened ?? ""}
          onChange={(event) => onOpen(event.currentTarget.value || null)}
        >
          <option value="">Curve of a layer…</option>
          {family.layers.map(({ name, metric }) => (
            <option key={metric} value={metric}>
              {oneLine(name)}
            </option>
          ))}
        </select>
      </figcaption>
      {error !== null && (
        <p class="bad-text" role="alert">
          {error}
        </p>
      )}
      {grid && scale ? (
        <>
          <Picture family={family} grid={grid} scale={scale} opened={opened} onPoint={setPlace} onOpen={onOpen} onZoom={onZoom} />
          <p class="muted tiny layer-place" data-text="map-place">
            {place ? placeText(family, grid, place, unit) : "Point at a value; click for the layer's curve; drag to zoom into steps."}
          </p>
          <ColorLegend scale={scale} label={title} unit={unit} broken={broken} />
        </>
      ) : (
        <p class="muted">
          {!isWhole && error === null ? "Loading…" : grid ? "All values are NaN or infinite." : "Nothing was logged in these steps."}
        </p>
      )}
    </figure>
  );
}

function stateOf(grid: LayerGrid | null, isWhole: boolean, error: string | null): string {
  if (error !== null) return "error";
  return grid ? "drawn" : isWhole ? "empty" : "loading";
}

/** Whether it is on the screen or about to be, or goes to paper. */
function useNear(root: { current: HTMLElement | null }): boolean {
  const [near, setNear] = useState(false);
  const printing = usePrinting();
  useEffect(() => {
    if (root.current) return watchOnScreen(root.current, (seen) => seen && setNear(true));
  }, []);
  return near || printing;
}

interface PictureProps {
  family: LayerFamily;
  grid: LayerGrid;
  scale: ColorScale;
  opened: string | null;
  onPoint(place: Place | null): void;
  onOpen(metric: string | null): void;
  onZoom(range: Range | null): void;
}

function Picture({ family, grid, scale, opened, onPoint, onOpen, onZoom }: PictureProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const row = Math.max(LEAST_ROW, Math.min(MOST_ROW, MOST_HEIGHT / grid.rows));
  const every = Math.ceil(NAME / row);
  useLayoutEffect(() => {
    if (canvas.current) paint(canvas.current, grid, scale);
  }, [grid, scale]);
  const placeOf = (event: PointerEvent): Place & { across: number } => {
    const box = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const [across, down] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const within = (share: number, count: number): number => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return { row: within(down, grid.rows), column: within(across, grid.columns), across: Math.max(0, Math.min(1, across)) };
  };
  const [from, to] = grid.range;
  const release = (event: PointerEvent): void => {
    const place = placeOf(event);
    const start = drag?.from ?? place.across;
    setDrag(null);
    const wide = Math.abs(place.across - start) * (canvas.current?.clientWidth ?? 0);
    if (wide >= LEAST_DRAG) {
      const [first, last] = drag?.range ?? grid.range;
      const ends = [start, place.across].sort((a, b) => a - b).map((share) => first + share * (last - first)) as Range;
      onZoom(ends);
    } else onOpen(family.layers[place.row]?.metric ?? null);
  };
  const across = (share: number): string => `${share * 100}%`;
  return (
    <div class="layer-picture">
      <div class="layer-names tiny" aria-hidden="true">
        {family.layers.map(({ name, metric }, at) => (
          <div
            key={metric}
            class={metric === opened ? "clip open" : "clip"}
            style={{ height: `${row}px`, lineHeight: `${Math.max(row, NAME)}px` }}
            title={oneLine(name)}
          >
            {(at % every === 0 || metric === opened) && oneLine(name)}
          </div>
        ))}
      </div>
      <div class="layer-canvas">
        <canvas
          ref={canvas}
          style={{ height: `${row * grid.rows}px` }}
          role="img"
          aria-label={`${titleOfFamily(family)} of ${grid.rows} layers from step ${formatCount(Math.round(from))} to ${formatCount(Math.round(to))}, from ${formatTick(scale.range[0])} to ${formatTick(scale.range[1])}`}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            const { across: at } = placeOf(event);
            setDrag({ from: at, to: at, range: grid.range });
          }}
          onPointerMove={(event) => {
            const place = placeOf(event);
            onPoint(place);
            if (drag) setDrag({ ...drag, to: place.across });
          }}
          onPointerLeave={() => onPoint(null)}
          onPointerUp={release}
          onPointerCancel={() => setDrag(null)}
          onDblClick={() => onZoom(null)}
        />
        {drag && (
          <div class="layer-drag" style={{ left: across(Math.min(drag.from, drag.to)), width: across(Math.abs(drag.to - drag.from)) }} />
        )}
        <div class="layer-steps tiny muted" aria-hidden="true">
          {(to > from ? ticks(grid.range, 6, false) : [from]).map((step) => (
            <span key={step} style={{ left: across(to > from ? (step - from) / (to - from) : 0.5) }}>
              {formatTick(step)}
            </span>
          ))}
        </div>
        <div class="layer-step-name tiny muted">step</div>
      </div>
    </div>
  );
}

/** One pixel a value; the browser stretches the picture. The greatest value of a column's steps is what colours it: a jump is seen however short it was. */
function paint(canvas: HTMLCanvasElement, grid: LayerGrid, scale: ColorScale): void {
  canvas.width = grid.columns;
  canvas.height = grid.rows;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(grid.columns, grid.rows);
  for (let at = 0; at < grid.greatest.length; at += 1) {
    const value = grid.greatest[at] as number;
    const isBroken = grid.broken[at] === 1;
    if (Number.isNaN(value) && !isBroken) continue;
    image.data.set([...(isBroken ? BROKEN : viridis(shareOf(value, scale))), 255], at * 4);
  }
  context.putImageData(image, 0, 0);
}

/** What stands at a place of the map, in words. */
function placeText(family: LayerFamily, grid: LayerGrid, { row, column }: Place, unit: string | undefined): string {
  const at = row * grid.columns + column;
  const [first, last] = stepsOfColumn(grid, column);
  const steps = first === last ? `step ${formatCount(first)}` : `steps ${formatCount(first)}–${formatCount(last)}`;
  const told = (value: number | undefined): string => formatNumber(value ?? NaN, unit ?? null);
  const [least, greatest] = [grid.least[at] as number, grid.greatest[at] as number];
  const value = Number.isNaN(greatest)
    ? ""
    : least === greatest
      ? told(greatest)
      : `${told(least)} to ${told(greatest)}, last ${told(grid.last[at])}`;
  const words = [grid.broken[at] === 1 ? "NaN or infinite" : "", value].filter((word) => word !== "");
  return `${steps} · ${oneLine(family.layers[row]?.name ?? "")} · ${words.join(", ") || "nothing logged"}`;
}
