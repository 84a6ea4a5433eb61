import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { CutText } from "../part/cut_text.tsx";
import { keyScrolled } from "../part/key_scrolled.ts";

/** More names than this would leave no room for the picture. */
export const MOST_IN_LEGEND = 60;

export interface LegendItem {
  id: string;
  label: string;
  /** What of it stands here, where the whole is long. */
  short?: string | undefined;
  color: string;
  dash: number;
}

interface LegendProps {
  items: readonly LegendItem[];
  /** How many curves there are in all. */
  of: number;
  /** The curve under the pointer; null when it leaves. */
  onPoint(id: string | null): void;
}

/** The names of the curves, where the chart fills the screen and hides the list of runs. */
export function Legend({ items, of, onPoint }: LegendProps): JSX.Element {
  // What goes away under the pointer tells of no leaving.
  useEffect(() => () => onPoint(null), []);
  return (
    <ul ref={keyScrolled} class="chart-legend" data-legend={of}>
      {items.map(({ id, label, short, color, dash }) => (
        <li key={id} title={label} onPointerEnter={() => onPoint(id)} onPointerLeave={() => onPoint(null)}>
          <i class="chart-dot" data-dash={dash} style={{ background: color }} />
          <CutText text={short ?? label} />
        </li>
      ))}
      {of > items.length && <li>+{of - items.length} more</li>}
    </ul>
  );
}
