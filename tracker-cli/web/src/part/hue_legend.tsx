import type { JSX } from "preact";
import { formatNumber } from "../model/format.ts";
import type { Hues } from "../model/hue.ts";
import { oneLine } from "../model/safe_text.ts";

interface HueLegendProps {
  hues: Pick<Hues, "key">;
  /** What the colours stand for. */
  label: string;
  unit: string | undefined;
}

/** What the colours of runs mean. */
export function HueLegend({ hues: { key }, label, unit }: HueLegendProps): JSX.Element {
  return (
    <div class="hue-legend tiny" data-hue={label}>
      <span>{label}</span>
      {key.kind === "ramp" ? (
        <>
          <span class="muted">{formatNumber(key.range[0], unit)}</span>
          <i class="hue-ramp" style={{ background: `linear-gradient(90deg, ${key.stops.join(", ")})` }} />
          <span class="muted">
            {formatNumber(key.range[1], unit)}
            {key.log && " (log)"}
          </span>
        </>
      ) : (
        <>
          {key.words.map(({ word, color }) => (
            <span key={word} class="hue-word muted">
              <i class="chart-dot" style={{ background: color }} />
              {oneLine(word)}
            </span>
          ))}
          {key.others > 0 && <span class="muted">{key.others} more in grey</span>}
        </>
      )}
    </div>
  );
}
