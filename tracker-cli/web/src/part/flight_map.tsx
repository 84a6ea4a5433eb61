import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../data/api.ts";
import type { Recorded } from "../data/types.ts";
import { flightMap, placeText, type Heat, type Quantity } from "../model/flight.ts";
import { oneLine } from "../model/safe_text.ts";
import { useFetched } from "../page/run/use_detail.ts";
import { Failure, Loading } from "./notice.tsx";
import { keyScrolled } from "./key_scrolled.ts";

const QUANTITIES: readonly Quantity[] = ["gradient", "weight", "change"];

/** A tensor's row on the screen, in pixels. */
const ROW = 16;

/** The tokens that places are painted with, and how strongly. */
const PAINT: Record<Heat, readonly [token: string, alpha: number]> = {
  none: ["--surface", 1],
  usual: ["--line", 0.6],
  twice: ["--warn", 0.35],
  eightfold: ["--warn", 1],
  far: ["--bad", 1],
  gone: ["--accent", 1],
  broken: ["--text", 1],
};

/** What the last steps before something went wrong did to each tensor. */
export function FlightMaps({ run, step }: { run: string; step: number | string }): JSX.Element {
  const { value, failure } = useFetched(() => api.flights(run, step), `${run} flight ${step}`);
  if (failure) return <Failure error={failure} />;
  if (!value) return <Loading what="the last steps" />;
  return (
    <>
      {value.flights.map((recorded, at) => (
        <Map key={at} recorded={recorded} />
      ))}
      {value.left_out > 0 && <p class="muted tiny">… and {value.left_out} earlier ones of this step</p>}
    </>
  );
}

function Map({ recorded }: { recorded: Recorded }): JSX.Element | null {
  const [quantity, setQuantity] = useState<Quantity>(recorded.findings[0]?.quantity ?? "gradient");
  const [place, setPlace] = useState<readonly [number, number] | null>(null);
  const map = useMemo(() => flightMap(recorded, quantity), [recorded, quantity]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [tensors, steps] = [recorded.tensors.length, recorded.steps.length];
  useEffect(() => {
    if (canvas.current) paint(canvas.current, map.heat, steps);
  }, [map, steps]);
  if (tensors === 0) return null;
  const over = (box: DOMRect, x: number, y: number): void => {
    const at = Math.floor(((x - box.left) / box.width) * steps);
    setPlace([Math.floor(((y - box.top) / box.height) * tensors), at]);
  };
  return (
    <div class="flight" data-flight={recorded.step}>
      <p class="plain-text">{recorded.verdict ?? "nothing left what was usual"}</p>
      <div class="row">
        {QUANTITIES.map((of) => (
          <button
            type="button"
            class="button small"
            key={of}
            aria-pressed={of === quantity}
            data-quantity={of}
            onClick={() => setQuantity(of)}
          >
            {of}
          </button>
        ))}
      </div>
      <div ref={keyScrolled} class="flight-map">
        <div class="flight-names tiny">
          {recorded.tensors.map((name) => (
            <div key={name} class="clip" title={oneLine(name)}>
              {oneLine(name)}
            </div>
          ))}
        </div>
        <canvas
          ref={canvas}
          width={steps}
          height={tensors}
          style={{ height: `${tensors * ROW}px` }}
          role="img"
          aria-label={`The ${quantity} of ${tensors} tensors in ${steps} steps`}
          onPointerMove={(event) => over(event.currentTarget.getBoundingClientRect(), event.clientX, event.clientY)}
        />
      </div>
      <p class="muted tiny" data-text="flight-place">
        {place
          ? placeText(recorded, quantity, map, place[0], place[1])
          : "point at a place: tensors from top to bottom, steps from left to right"}
      </p>
      <p class="muted tiny">
        {(["twice", "eightfold", "far", "gone", "broken"] as const).map((heat) => (
          <span key={heat} class="flight-key" data-heat={heat}>
            {{ twice: "twice what is usual", eightfold: "8 times", far: "64 times", gone: "nothing", broken: "NaN or infinite" }[heat]}
          </span>
        ))}
      </p>
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, heat: readonly Heat[], steps: number): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  heat.forEach((of, at) => {
    const [token, alpha] = PAINT[of];
    context.globalAlpha = alpha;
    context.fillStyle = style.getPropertyValue(token);
    context.clearRect(at % steps, Math.floor(at / steps), 1, 1);
    context.fillRect(at % steps, Math.floor(at / steps), 1, 1);
  });
}
