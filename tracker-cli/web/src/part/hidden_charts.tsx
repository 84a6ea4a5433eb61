import type { JSX } from "preact";
import { useClosing } from "./use_closing.ts";

interface HiddenChartsProps {
  /** The hidden charts: their keys and titles. */
  charts: readonly { key: string; title: string }[];
  onShow(keys: readonly string[]): void;
}

/** What is hidden of a board, to be shown again. */
export function HiddenCharts({ charts, onShow }: HiddenChartsProps): JSX.Element | null {
  const details = useClosing();
  if (charts.length === 0) return null;
  return (
    <details ref={details} class="picker" data-hidden={charts.length}>
      <summary class="button small" data-action="hidden">
        {charts.length} hidden
      </summary>
      <div class="picker-box card">
        {charts.length > 1 && (
          <button type="button" class="button small" data-action="show-all-charts" onClick={() => onShow(charts.map(({ key }) => key))}>
            Show all
          </button>
        )}
        <ul>
          {charts.map(({ key, title }) => (
            <li key={key}>
              <button type="button" class="link" data-show={key} onClick={() => onShow([key])}>
                Show {title}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}
