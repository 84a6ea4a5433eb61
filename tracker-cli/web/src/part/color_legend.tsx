import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ColorScale } from "../model/layer_grid.ts";
import { formatTick, share, ticks } from "../model/scale.ts";
import { viridis } from "../model/viridis.ts";

const STEPS = 128;

interface ColorLegendProps {
  scale: ColorScale;
  label: string;
  unit?: string | undefined;
  /** Whether values that are not finite are among those shown. */
  broken?: boolean;
}

/** Which colour is which value. */
export function ColorLegend({ scale, label, unit, broken = false }: ColorLegendProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    for (let at = 0; context && at < STEPS; at += 1) {
      context.fillStyle = `rgb(${viridis(at / (STEPS - 1)).join(" ")})`;
      context.fillRect(at, 0, 1, 1);
    }
  }, []);
  const told = ticks(scale.range, 4, scale.log);
  return (
    <div class="color-legend tiny muted" data-log={scale.log}>
      <span>
        {label}
        {unit && ` (${unit})`}
        {scale.log && ", log scale"}
      </span>
      <div class="color-bar">
        <canvas
          ref={canvas}
          width={STEPS}
          height={1}
          role="img"
          aria-label={`Colours from ${formatTick(scale.range[0], unit)} to ${formatTick(scale.range[1], unit)}`}
        />
        {told.map((tick) => (
          <span key={tick} style={{ left: `${share(tick, scale.range, scale.log) * 100}%` }}>
            {formatTick(tick, unit)}
          </span>
        ))}
      </div>
      {broken && <span class="color-broken">NaN or infinite</span>}
    </div>
  );
}
