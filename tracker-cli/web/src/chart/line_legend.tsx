import type { JSX } from "preact";
import { DASHES } from "../model/palette.ts";
import { oneLine } from "../model/safe_text.ts";
import type { ChartLine } from "./types.ts";

interface LineLegendProps {
  lines: readonly ChartLine[];
  onRemove?: ((line: ChartLine) => void) | undefined;
  onOtherAxis?: ((line: ChartLine) => void) | undefined;
}

/** Which dash is which metric, where a chart has several. */
export function LineLegend({ lines, onRemove, onOtherAxis }: LineLegendProps): JSX.Element {
  return (
    <ul class="chart-lines">
      {lines.map((line, at) => (
        <li key={line.title} data-line={line.title}>
          <Dash of={at} />
          <span title={oneLine(line.title)}>{oneLine(line.title)}</span>
          {line.unit && <small class="chart-unit">{line.unit}</small>}
          {onOtherAxis && (
            <button
              type="button"
              class="button small"
              data-action="right-axis"
              aria-pressed={line.right ?? false}
              title="Measure it by an axis of its own, on the right"
              onClick={() => onOtherAxis(line)}
            >
              right axis
            </button>
          )}
          {onRemove && (
            <button
              type="button"
              class="button small"
              data-action="remove-line"
              aria-label={`Remove ${oneLine(line.title)}`}
              title="Remove"
              onClick={() => onRemove(line)}
            >
              ×
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** A piece of the line. */
function Dash({ of }: { of: number }): JSX.Element {
  return (
    <svg class="chart-dash" width="26" height="8" aria-hidden="true">
      <line x1="1" y1="4" x2="25" y2="4" stroke="currentColor" stroke-width="2" stroke-dasharray={DASHES[of % DASHES.length]?.join(" ")} />
    </svg>
  );
}
