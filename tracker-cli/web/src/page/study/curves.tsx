import type { JSX } from "preact";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { along, axisRange } from "../../chart/axis_marks.ts";
import { CanvasLayer, LitLayer } from "../../chart/canvas_layer.tsx";
import { MARGIN, Marks } from "../../chart/plane.tsx";
import { theme } from "../../chart/theme.ts";
import { useWidth } from "../../chart/use_width.ts";
import { dark } from "../../data/theme.ts";
import type { StudyTrial } from "../../data/types.ts";
import { formatNumber } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { isLogLike } from "../../model/study.ts";
import { tellParams } from "./progress.tsx";
import { Card } from "./card.tsx";
import type { ShownStudy } from "./card.tsx";
import { Pointed } from "./pointed.tsx";
import { openTrial, trialColor, trialName } from "./trial_looks.ts";
import { litTrial } from "./use_study.ts";

/** Lengths in CSS pixels. */
const HEIGHT = 360;
const REACH = 16;
/** More curves hide each other. */
const MANY = 100;

/** A trial's curve, in CSS pixels. */
interface Curve {
  trial: StudyTrial;
  color: string;
  /** Pruned ones lie below the others. */
  back: boolean;
  places: readonly (readonly [number, number])[];
}

/** What the metric was on the way of each trial: the n-th value that its run logged stands at n. */
export function Curves({ study, metric }: ShownStudy): JSX.Element | null {
  const frame = useRef<HTMLElement>(null);
  const width = useWidth(frame, 640);
  const plane = useMemo(
    () => ({ width: Math.max(1, width - MARGIN.left - MARGIN.right), height: HEIGHT - MARGIN.top - MARGIN.bottom }),
    [width],
  );
  const drawn = useMemo(() => study.all.filter(({ on_the_way: way }) => way.length > 0), [study]);
  const [x, y] = useMemo(() => {
    const values = drawn.flatMap(({ on_the_way: way }) => way.map(([, value]) => Number(value)));
    const log = isLogLike(values);
    const label = oneLine(study.metrics[metric]?.name ?? "");
    const last = Math.max(2, ...drawn.map(({ on_the_way: way }) => way.at(-1)?.[0] ?? 0));
    return [
      { label: "logged value", unit: undefined, log: false, range: [1, last] as [number, number] },
      { label, unit: undefined, log, range: axisRange(values, log) },
    ] as const;
  }, [drawn]);
  const isDark = dark.value;
  const curves = useMemo<Curve[]>(() => {
    const color = trialColor(study);
    const all = drawn.map((trial) => ({
      trial,
      color: color(trial),
      back: trial.state === "pruned" || trial.state === "failed",
      places: trial.on_the_way
        .map(
          ([nth, value]) =>
            [along(nth, x.range, false, plane.width), plane.height - along(Number(value), y.range, y.log, plane.height)] as const,
        )
        .filter(([left, top]) => Number.isFinite(left) && Number.isFinite(top)),
    }));
    const rank = ({ back, trial }: (typeof all)[number]): number => (back ? 0 : study.front_trials.includes(trial.number) ? 2 : 1);
    return all.sort((a, b) => rank(a) - rank(b));
  }, [study, drawn, plane, x, y, isDark]);
  const paint = useCallback((context: CanvasRenderingContext2D) => paintCurves(context, curves), [curves]);
  const paintLit = useCallback(
    (context: CanvasRenderingContext2D, id: string) =>
      paintOne(
        context,
        curves.find(({ trial }) => String(trial.number) === id),
      ),
    [curves],
  );
  if (drawn.length === 0) return null;
  const layer = { left: MARGIN.left, top: MARGIN.top, ...plane, frame: { width, height: HEIGHT } };
  const pruned = curves.filter(({ trial }) => trial.state === "pruned").length;
  const tell = tellParams(study);
  const words = ({ trial }: Curve): string[] => [
    trialName(trial),
    `${y.label} ${formatNumber(Number(trial.on_the_way.at(-1)?.[1]))} at value ${trial.on_the_way.at(-1)?.[0]}`,
    ...tell(String(trial.number)),
  ];
  return (
    <Card name="curves" title="Values on the way">
      <figure ref={frame} class="small-chart" data-curves={curves.length} data-pruned={pruned}>
        <div class="small-frame">
          <svg
            viewBox={`0 0 ${width} ${HEIGHT}`}
            role="img"
            aria-label={`${y.label} of ${curves.length} trials on their way, of which ${pruned} were pruned`}
          >
            <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
              <Marks axis={x} plane={plane} across />
              <Marks axis={y} plane={plane} across={false} />
            </g>
          </svg>
          <CanvasLayer {...layer} paint={paint} />
          <LitLayer {...layer} lit={litTrial} paint={paintLit} />
          <Pointed
            layer={layer}
            nearest={(left, top) => nearest(curves, left, top)}
            idOf={(curve) => String(curve.trial.number)}
            words={words}
            onPick={openTrial(study)}
          />
        </div>
        <figcaption>
          {curves.length} of {study.all.length} trials{pruned > 0 && `; ${pruned} pruned ones are grey`}
        </figcaption>
      </figure>
    </Card>
  );
}

/** The curve that is nearest above or below a place; those on top come first. */
function nearest(curves: readonly Curve[], left: number, top: number): Curve | undefined {
  let [found, least]: [Curve | undefined, number] = [undefined, REACH];
  for (const curve of curves) {
    const far = Math.abs(topAt(curve.places, left) - top);
    if (far <= least) [found, least] = [curve, far];
  }
  return found;
}

/** How far from the top a curve is at this distance from the left; NaN beside it. */
function topAt(places: Curve["places"], left: number): number {
  for (let at = 0; at < places.length; at += 1) {
    const [here, top] = places[at] as readonly [number, number];
    const next = places[at + 1];
    if (!next) return Math.abs(here - left) <= REACH ? top : NaN;
    if (left >= here && left <= next[0]) return top + ((next[1] - top) * (left - here)) / Math.max(next[0] - here, 1e-9);
  }
  return NaN;
}

function paintCurves(context: CanvasRenderingContext2D, curves: readonly Curve[]): void {
  context.lineJoin = "round";
  const isMany = curves.length > MANY;
  for (const curve of curves) {
    context.globalAlpha = curve.back ? (isMany ? 0.25 : 0.45) : isMany ? 0.5 : 0.8;
    context.lineWidth = curve.back || isMany ? 1 : 1.5;
    context.strokeStyle = curve.color;
    stroke(context, curve);
  }
}

function paintOne(context: CanvasRenderingContext2D, curve: Curve | undefined): void {
  if (!curve) return;
  context.lineJoin = "round";
  context.strokeStyle = theme().surface;
  context.lineWidth = 6;
  stroke(context, curve);
  context.strokeStyle = curve.back ? theme().text : curve.color;
  context.lineWidth = 3;
  stroke(context, curve);
}

/** A curve of one point is a dot; a pruned one ends in a dot, too. */
function stroke(context: CanvasRenderingContext2D, { places, back, trial }: Curve): void {
  context.beginPath();
  for (const [left, top] of places) context.lineTo(left, top);
  context.stroke();
  const last = places.at(-1);
  if (!last || (places.length > 1 && (!back || trial.state === "failed"))) return;
  context.fillStyle = context.strokeStyle;
  context.beginPath();
  context.arc(last[0], last[1], 2.5, 0, 2 * Math.PI);
  context.fill();
}
