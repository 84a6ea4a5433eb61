import type { JSX } from "preact";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { along } from "../../chart/axis_marks.ts";
import { CanvasLayer, LitLayer } from "../../chart/canvas_layer.tsx";
import { MARGIN, Marks } from "../../chart/plane.tsx";
import type { Axis, Plane } from "../../chart/plane.tsx";
import { useWidth } from "../../chart/use_width.ts";
import { setView, view } from "../../data/route.ts";
import { dark } from "../../data/theme.ts";
import type { StudyParameter, StudySurface } from "../../data/types.ts";
import { formatNumber, numberOf } from "../../model/format.ts";
import { colorScale, shareOf } from "../../model/layer_grid.ts";
import type { ColorScale } from "../../model/layer_grid.ts";
import { oneLine } from "../../model/safe_text.ts";
import { byImportance, paramText, placeOf, usualPair, valueOfTrial, wordsOf } from "../../model/study.ts";
import type { Study } from "../../model/study.ts";
import { meanAt } from "../../model/surface.ts";
import { viridis } from "../../model/viridis.ts";
import { ColorLegend } from "../../part/color_legend.tsx";
import { Failure } from "../../part/notice.tsx";
import { tellParams } from "./progress.tsx";
import { ParameterChoice } from "./slice.tsx";
import { Card } from "./card.tsx";
import type { ShownStudy } from "./card.tsx";
import { Pointed } from "./pointed.tsx";
import { openTrial, trialName } from "./trial_looks.ts";
import { litTrial, useSurface } from "./use_study.ts";

/** Lengths in CSS pixels. */
const HEIGHT = 360;
const REACH = 14;
/** How many colours are told apart: their edges are lines of equal height. */
const BANDS = 12;
/** The picture has a pixel for so many of the screen's. */
const COARSE = 2;
/** Dots at the edge are whole. */
const EDGE = 8;

/** What a Gaussian process expects over two parameters, and the trials that taught it. */
export function Contour({ study, metric }: ShownStudy): JSX.Element | null {
  const pair = pairOf(study, metric);
  const asked = pair && { x: pair[0].name, y: pair[1].name, metric: study.metrics[metric]?.name ?? "" };
  const { surface, failure } = useSurface(study, asked);
  if (!pair) return null;
  const [x, y] = pair;
  const parameters = byImportance(study, metric);
  const isOfPair = surface?.x === x.name && surface.y === y.name && surface.metric === asked?.metric;
  return (
    <Card
      name="contour"
      title={`Expected ${oneLine(asked?.metric ?? "")}`}
      tools={
        <>
          <ParameterChoice
            action="contour-x"
            label="Across"
            parameters={parameters.filter(({ name }) => name !== y.name)}
            chosen={x.name}
            onChoose={(across) => setView({ across, up: y.name })}
          />
          <ParameterChoice
            action="contour-y"
            label="Up"
            parameters={parameters.filter(({ name }) => name !== x.name)}
            chosen={y.name}
            onChoose={(up) => setView({ up, across: x.name })}
          />
        </>
      }
    >
      {failure && <Failure error={failure} />}
      {!failure && !isOfPair && <p class="muted">Reckoning…</p>}
      {isOfPair && surface.means.length === 0 && (
        <p class="muted" data-contour="none">
          Too few trials have both parameters and a result.
        </p>
      )}
      {isOfPair && surface.means.length > 0 && <Picture study={study} metric={metric} x={x} y={y} surface={surface} />}
    </Card>
  );
}

/** The parameters that were chosen, else those that matter most. */
function pairOf(study: Study, metric: number): [StudyParameter, StudyParameter] | null {
  const usual = usualPair(study, metric);
  if (!usual) return null;
  const { across, up } = view.value;
  const find = (name: string): StudyParameter | undefined => study.parameters.find((parameter) => parameter.name === name);
  const x = find(across) ?? find(usual[0]);
  const y = find(up) ?? find(usual.find((name) => name !== x?.name) ?? "");
  if (!x || !y) return null;
  if (x.name !== y.name) return [x, y];
  const other = find(usual.find((name) => name !== x.name) ?? "");
  return other ? [x, other] : null;
}

interface PictureProps extends ShownStudy {
  x: StudyParameter;
  y: StudyParameter;
  surface: StudySurface;
}

interface Dot {
  id: string;
  left: number;
  top: number;
  isPruned: boolean;
}

function Picture({ study, metric, x, y, surface }: PictureProps): JSX.Element {
  const frame = useRef<HTMLElement>(null);
  const width = useWidth(frame, 640);
  const plane = useMemo(
    () => ({ width: Math.max(1, width - MARGIN.left - MARGIN.right), height: HEIGHT - MARGIN.top - MARGIN.bottom }),
    [width],
  );
  const [xAxis, yAxis] = useMemo(() => [axisOf(x, surface.x_values), axisOf(y, surface.y_values)], [surface]);
  const scale = useMemo(() => colorScale(surface.means.flatMap((row) => row.map((mean) => numberOf(mean) ?? NaN))), [surface]);
  const dots = useMemo(() => dotsOf(study, x, y, xAxis, yAxis, plane), [study, surface, plane]);
  const isDark = dark.value;
  const paint = useCallback(
    (context: CanvasRenderingContext2D) => {
      context.translate(EDGE, EDGE);
      if (scale) paintSurface(context, surface, [xAxis, yAxis], [x, y], plane, scale);
      for (const dot of dots) paintDot(context, dot, 3.5);
    },
    [surface, scale, dots, plane, isDark],
  );
  const paintLit = useCallback(
    (context: CanvasRenderingContext2D, id: string) => {
      context.translate(EDGE, EDGE);
      const dot = dots.find((each) => each.id === id);
      if (dot) paintDot(context, dot, 6);
    },
    [dots],
  );
  const layer = {
    left: MARGIN.left - EDGE,
    top: MARGIN.top - EDGE,
    width: plane.width + 2 * EDGE,
    height: plane.height + 2 * EDGE,
    frame: { width, height: HEIGHT },
  };
  const label = oneLine(surface.metric);
  const others = study.parameters.filter(({ name }) => name !== x.name && name !== y.name && surface.around[name] !== undefined);
  const words = (dot: Dot): string[] => {
    const trial = study.all[Number(dot.id)];
    if (!trial) return [];
    return [trialName(trial), `${label} ${formatNumber(valueOfTrial(trial, metric))}`, ...tellParams(study)(dot.id)];
  };
  return (
    <figure ref={frame} class="small-chart" data-contour={dots.length}>
      <div class="small-frame">
        <svg
          viewBox={`0 0 ${width} ${HEIGHT}`}
          role="img"
          aria-label={`${label} as it is expected over ${xAxis.label} and ${yAxis.label}, with ${dots.length} trials`}
        >
          <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
            <Marks axis={xAxis} plane={plane} across />
            <Marks axis={yAxis} plane={plane} across={false} />
          </g>
        </svg>
        <CanvasLayer {...layer} paint={paint} />
        <LitLayer {...layer} lit={litTrial} paint={paintLit} />
        <Pointed
          layer={layer}
          nearest={(left, top) => nearest(dots, left, top)}
          idOf={(dot) => dot.id}
          words={words}
          onPick={openTrial(study)}
        />
      </div>
      {scale && <ColorLegend scale={scale} label={label} />}
      <figcaption>
        The mean of a Gaussian process that has seen all complete trials{others.length > 0 && "; the other parameters as in the best trial"}
        : {others.map(({ name }) => `${oneLine(name)} ${paramText(surface.around[name])}`).join(", ") || "there are no others"}
      </figcaption>
    </figure>
  );
}

function axisOf(parameter: StudyParameter, values: StudySurface["x_values"]): Axis {
  const label = oneLine(parameter.name);
  const words = wordsOf(parameter);
  if (words) return { label, unit: undefined, log: false, range: [-0.5, words.length - 0.5], words };
  const numbers = values.map(Number);
  const [low, high] = [Math.min(...numbers, parameter.low ?? Infinity), Math.max(...numbers, parameter.high ?? -Infinity)];
  return { label, unit: undefined, log: parameter.log, range: low < high ? [low, high] : [low - 0.5, low + 0.5] };
}

function dotsOf(study: Study, x: StudyParameter, y: StudyParameter, xAxis: Axis, yAxis: Axis, plane: Plane): Dot[] {
  return study.all.flatMap((trial) => {
    if (trial.state !== "complete" && trial.state !== "pruned") return [];
    const [atX, atY] = [placeOf(x, trial.params[x.name]), placeOf(y, trial.params[y.name])];
    if (atX === null || atY === null) return [];
    const left = along(atX, xAxis.range, xAxis.log, plane.width);
    const top = plane.height - along(atY, yAxis.range, yAxis.log, plane.height);
    return Number.isFinite(left) && Number.isFinite(top)
      ? [{ id: String(trial.number), left, top, isPruned: trial.state === "pruned" }]
      : [];
  });
}

/** In bands, whose edges are lines of equal height. Where one parameter is not there beside the other, nothing is painted. */
function paintSurface(
  context: CanvasRenderingContext2D,
  surface: StudySurface,
  [xAxis, yAxis]: [Axis, Axis],
  [x, y]: [StudyParameter, StudyParameter],
  plane: Plane,
  scale: ColorScale,
): void {
  const [columns, rows] = [Math.ceil(plane.width / COARSE), Math.ceil(plane.height / COARSE)];
  const picture = document.createElement("canvas");
  [picture.width, picture.height] = [columns, rows];
  const own = picture.getContext("2d");
  if (!own) return;
  const image = own.createImageData(columns, rows);
  const mean = meanAt(surface, { x, y }, [xAxis, yAxis]);
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const value = mean((column + 0.5) / columns, 1 - (row + 0.5) / rows);
      if (Number.isNaN(value)) continue;
      const band = Math.min(BANDS - 1, Math.floor(shareOf(value, scale) * BANDS)) / (BANDS - 1);
      image.data.set([...viridis(band), 255], (row * columns + column) * 4);
    }
  own.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(picture, 0, 0, plane.width, plane.height);
}

function paintDot(context: CanvasRenderingContext2D, { left, top, isPruned }: Dot, radius: number): void {
  context.beginPath();
  context.arc(left, top, radius, 0, 2 * Math.PI);
  context.fillStyle = isPruned ? "#9a9a9a" : "#ffffff";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#111111";
  context.stroke();
}

/** The dot that is nearest to a place of the layer; of several, the one on top. */
function nearest(dots: readonly Dot[], left: number, top: number): Dot | null {
  const far = (dot: Dot): number => Math.hypot(dot.left - (left - EDGE), dot.top - (top - EDGE));
  return dots.reduce<Dot | null>((best, dot) => (far(dot) <= (best ? far(best) : REACH) ? dot : best), null);
}
