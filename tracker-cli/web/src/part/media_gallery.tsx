import type { JSX } from "preact";
import { api } from "../data/api.ts";
import { view } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import type { MediaName } from "../data/types.ts";
import { placeUpTo } from "../model/step.ts";
import { oneLine } from "../model/safe_text.ts";
import { FlightMaps } from "./flight_map.tsx";
import { Failure, Loading } from "./notice.tsx";
import { MediaItems } from "./media_items.tsx";
import { moveToStep } from "./step_at.ts";
import { useFetched } from "../page/run/use_detail.ts";

/** Under which name the flight recorder stores its tables. */
const FLIGHT = "flight";

/** The media of one name, with a slider over all of its steps, at the step that the page is at; the last one at first. */
export function MediaGallery({ run, of }: { run: string; of: MediaName }): JSX.Element {
  const place = placeUpTo(of.steps, view.value.step);
  const step = of.steps[place];
  const { value, failure } = useFetched(() => api.mediaAt(run, of.name, step ?? null), `${run} ${of.name} ${step}`);
  const isWide = of.kind === "table";
  return (
    <section class={`card pad ${isWide ? "wide" : ""}`} data-gallery={of.name}>
      <div class="row">
        <h2 class="clip grow">{oneLine(of.name)}</h2>
        <span class="muted tiny" data-text="step">
          step {step ?? "–"}
        </span>
      </div>
      {of.steps.length > 1 && (
        <input
          type="range"
          class="media-slider"
          aria-label={`Step of ${oneLine(of.name)}`}
          min="0"
          max={of.steps.length - 1}
          value={place}
          onInput={(event) => moveToStep(String(of.steps[Number(event.currentTarget.value)]))}
        />
      )}
      {failure && <Failure error={failure} />}
      {of.name === FLIGHT && isWide && !saved && step !== undefined && <FlightMaps run={run} step={step} />}
      {value ? <MediaItems run={run} name={of.name} media={value.media} /> : !failure && <Loading what="media" />}
    </section>
  );
}
