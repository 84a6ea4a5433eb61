import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { atBase } from "../data/base.ts";
import { saved } from "../data/saved.ts";
import type { LoggedMedia } from "../data/types.ts";
import { shownAs } from "../model/media.ts";
import { oneLine } from "../model/safe_text.ts";
import { MediaPlot } from "./media_plot.tsx";
import { MediaTable } from "./media_table.tsx";
import "./media.css";

interface MediaItemsProps {
  run: string;
  name: string;
  media: readonly LoggedMedia[];
}

/** All that was logged under one name at one step. A click enlarges a picture, and another one puts it back. */
export function MediaItems({ run, name, media }: MediaItemsProps): JSX.Element {
  const [large, setLarge] = useState<string | null>(null);
  // Pictures stand side by side; a table needs the whole width.
  const areMany = media.length > 1 && !media.some((logged) => logged.item.type === "table");
  return (
    <div class={`media-items ${areMany ? "many" : ""}`}>
      {media.map((logged, at) => (
        <MediaOne key={at} run={run} name={name} logged={logged} large={large} onLarge={setLarge} />
      ))}
    </div>
  );
}

interface MediaOneProps {
  run: string;
  name: string;
  logged: LoggedMedia;
  large: string | null;
  onLarge(content: string | null): void;
}

function MediaOne({ run, name, logged, large, onLarge }: MediaOneProps): JSX.Element {
  const { item, content } = logged;
  const caption = "caption" in item ? (item.caption ?? "") : "";
  const kind = shownAs(item);
  if (kind === "plot") return <MediaPlot item={item} />;
  if (kind === "table" && item.type === "table" && !saved) return <MediaTable run={run} sha256={item.sha256} />;
  if (content === null || kind === "table") return <p class="muted tiny">not part of this report</p>;
  const address = atBase(content);
  return (
    <figure class={large === content ? "media-large" : ""}>
      {kind === "image" && (
        <button
          type="button"
          class="quiet"
          data-action="enlarge"
          aria-pressed={large === content}
          onClick={() => onLarge(large === content ? null : content)}
        >
          <img src={address} alt={oneLine(caption || name)} />
        </button>
      )}
      {kind === "video" && <video src={address} controls />}
      {kind === "audio" && <audio src={address} controls />}
      {kind === "link" && (
        <a href={address} download>
          {"ext" in item ? `download .${item.ext}` : "written by a newer tracker"}
        </a>
      )}
      {caption && <figcaption class="plain-text tiny">{caption}</figcaption>}
    </figure>
  );
}
