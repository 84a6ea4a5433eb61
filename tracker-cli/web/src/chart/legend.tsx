import type { JSX } from "preact";
import type { Curve } from "./curve.ts";

/** More names than this would leave no room for the picture. */
const MOST = 60;

interface LegendProps {
  curves: readonly Curve[];
  /** The curve under the pointer; null when it leaves. */
  onPoint(id: string | null): void;
}

/** The names of the curves, where the chart fills the screen and hides the list of runs. */
export function Legend({ curves, onPoint }: LegendProps): JSX.Element {
  return (
    <ul class="chart-legend" data-legend={curves.length}>
      {curves.slice(0, MOST).map(({ id, label, color }) => (
        <li key={id} title={label} onPointerEnter={() => onPoint(id)} onPointerLeave={() => onPoint(null)}>
          <i class="chart-dot" style={{ background: color }} /><span>{label}</span>
        </li>
      ))}
      {curves.length > MOST && <li>+{curves.length - MOST} more</li>}
    </ul>
  );
}
