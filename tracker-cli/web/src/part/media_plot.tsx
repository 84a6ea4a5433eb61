import type { JSX } from "preact";
import type { MediaItem, PlottedCurve } from "../data/types.ts";
import { areaText, polyline, shareOfRow } from "../model/media.ts";
import { oneLine } from "../model/safe_text.ts";

const SIDE = 240;

/** The classes beyond which a matrix has no room for numbers. */
const MOST_NUMBERS = 12;

/** A plot that was logged as numbers. */
export function MediaPlot({ item }: { item: MediaItem }): JSX.Element | null {
  if (item.type === "confusion_matrix") return <Matrix names={item.names} counts={item.counts} outside={item.outside ?? 0} />;
  if (item.type === "pr_curve") return <Curve curve={item} x="recall" y="precision" />;
  if (item.type === "roc_curve") return <Curve curve={item} x="false alarms" y="found" diagonal />;
  return null;
}

/** Rows are what is true, columns what was guessed; the darker, the greater the share of a row. */
function Matrix({ names, counts, outside }: { names: string[]; counts: number[]; outside: number }): JSX.Element {
  const classes = names.length;
  const side = SIDE / Math.max(classes, 1);
  const places = counts.slice(0, classes * classes).map((count, at) => ({ count, row: Math.floor(at / classes), column: at % classes }));
  const name = (at: number): string => oneLine(names[at] ?? "");
  return (
    <figure class="media-plot" data-plot="confusion_matrix">
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={`Confusion matrix of ${classes} classes`}>
        {places.map(({ count, row, column }) => {
          const share = shareOfRow(counts, classes, row, column);
          return (
            <g key={`${row} ${column}`}>
              <rect x={column * side} y={row * side} width={side} height={side} class="media-place" style={{ fillOpacity: share }}>
                <title>{`${name(row)} taken for ${name(column)}: ${count}`}</title>
              </rect>
              {classes <= MOST_NUMBERS && (
                <text x={(column + 0.5) * side} y={(row + 0.5) * side} class={share > 0.5 ? "on-dark" : ""} pointer-events="none">
                  {count}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <figcaption class="muted tiny clip">
        rows are true, columns guessed: {names.map(oneLine).join(", ")}
        {outside > 0 && `; ${outside} of no class`}
      </figcaption>
    </figure>
  );
}

interface CurveProps {
  curve: PlottedCurve;
  x: string;
  y: string;
  /** Whether scores that say nothing lie on the diagonal. */
  diagonal?: boolean;
}

function Curve({ curve, x, y, diagonal }: CurveProps): JSX.Element {
  return (
    <figure class="media-plot" data-plot={x === "recall" ? "pr_curve" : "roc_curve"}>
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={`${y} over ${x}, ${areaText(curve.area)}`}>
        <rect width={SIDE} height={SIDE} class="media-frame" />
        {diagonal && <line x1="0" y1={SIDE} x2={SIDE} y2="0" class="media-chance" />}
        <polyline points={polyline(curve.points, SIDE)} class="media-line" />
      </svg>
      <figcaption class="muted tiny">
        {y} over {x}, {areaText(curve.area)}; {curve.positives} of {curve.positives + curve.negatives} are a yes
      </figcaption>
    </figure>
  );
}
