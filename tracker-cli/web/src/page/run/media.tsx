import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../data/api.ts";
import { atBase } from "../../data/base.ts";
import type { Artifact, RunDetail, TextEvent } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { MediaGallery } from "../../part/media_gallery.tsx";
import { Empty, Failure, Loading } from "../../part/notice.tsx";
import { Histograms } from "./histograms.tsx";
import { useFetched } from "./use_detail.ts";
import { keyScrolled } from "../../part/key_scrolled.ts";

/** Pictures and texts over the steps, and how tensors are spread. */
export function Media({ run }: { run: RunDetail }): JSX.Element {
  const events = useFetched(() => api.events(run.id), run.id);
  const files = useFetched(() => api.artifacts(run.id), run.id);
  const media = useFetched(() => api.media(run.id), run.id);
  const failure = events.failure ?? files.failure ?? media.failure;
  if (failure) return <Failure error={failure} />;
  if (!events.value || !files.value || !media.value) return <Loading what="media" />;
  const pictures = byName(files.value.artifacts.filter(isPicture));
  const texts = byName(events.value.texts);
  if (media.value.names.length + pictures.length + texts.length + run.histograms.length === 0) {
    return (
      <Empty title="No pictures, tables, texts or histograms">
        <p>
          Log pictures, tables and plots with <code>run.log_media(..)</code>, a tensor's spread with <code>run.log_histogram(..)</code>, or
          watch a model.
        </p>
      </Empty>
    );
  }
  return (
    <div class="media">
      {media.value.names.map((of) => (
        <MediaGallery key={`m ${of.name}`} run={run.id} of={of} />
      ))}
      {pictures.map(([name, versions]) => (
        <Slider
          key={`p ${name}`}
          name={name}
          items={versions}
          show={(version) => <img src={atBase(version.content ?? "")} alt={`${oneLine(name)} ${version.version ?? ""}`} />}
        />
      ))}
      {texts.map(([name, items]) => (
        <Slider
          key={`t ${name}`}
          name={name}
          items={items}
          show={(item: TextEvent) => (
            <pre ref={keyScrolled} class="plain-text">
              {item.text}
            </pre>
          )}
        />
      ))}
      {run.histograms.length > 0 && <Histograms run={run} />}
    </div>
  );
}

/** The server shows only PNG, JPEG, WebP and GIF; what says that it is an image and is none becomes a broken picture with its name. */
function isPicture(artifact: Artifact): boolean {
  return artifact.content !== null && artifact.type === "image";
}

function byName<T extends { name: string }>(items: readonly T[]): [string, T[]][] {
  const names = new Map<string, T[]>();
  for (const item of items) names.set(item.name, [...(names.get(item.name) ?? []), item]);
  return [...names];
}

interface SliderProps<T> {
  name: string;
  items: readonly T[];
  show(item: T): JSX.Element;
}

/** One of many, chosen by its step; the last at first. */
function Slider<T extends { step: number | string | null }>({ name, items, show }: SliderProps<T>): JSX.Element {
  const [chosen, setChosen] = useState<number | null>(null);
  const at = Math.min(chosen ?? items.length - 1, items.length - 1);
  const item = items[at];
  return (
    <section class="card pad" data-media={name}>
      <div class="row">
        <h2 class="clip grow">{oneLine(name)}</h2>
        <span class="muted tiny">step {item?.step ?? "–"}</span>
      </div>
      {items.length > 1 && (
        <input
          type="range"
          class="media-slider"
          aria-label={`Step of ${oneLine(name)}`}
          min="0"
          max={items.length - 1}
          value={at}
          onInput={(event) => setChosen(Number(event.currentTarget.value))}
        />
      )}
      {item && show(item)}
    </section>
  );
}
