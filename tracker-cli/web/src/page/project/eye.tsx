import type { JSX } from "preact";
import { setView, view } from "../../data/route.ts";
import { runs } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import type { Look } from "../../model/palette.ts";
import { eyeOf, withEyes, withOnly } from "../../model/drawn.ts";
import { runLabel } from "../../part/run_name.tsx";
import { Swatch } from "../../part/swatch.tsx";

/** The eye of a run: a dot in its colour, filled while the run is drawn, that becomes an eye under the pointer. */
export function Eye({ run, open, look }: { run: Run; open: boolean; look: Look | undefined }): JSX.Element {
  const turn = (event: MouseEvent): void => {
    const ids = eyeOf(run, runs.value ?? [], view.value);
    setView(event.altKey ? withOnly(view.value, ids) : withEyes(view.value, ids, !open));
  };
  const { grouped, groupBy } = view.value;
  const what = open ? "Hide" : "Show";
  return (
    <button
      type="button"
      class="eye"
      data-eye={run.id}
      data-color={look?.color}
      data-dash={look?.dash}
      aria-pressed={open}
      aria-label={`Show ${runLabel(run)}`}
      title={grouped && groupBy !== "" ? `${what} its group. With Alt: only this group` : `${what}. With Alt: only this run`}
      onClick={turn}
    >
      <EyeMark open={open} look={look} />
    </button>
  );
}

export function EyeMark({ open, look }: { open: boolean; look: Look | undefined }): JSX.Element {
  return (
    <span class="eye-mark" style={{ color: look?.color ?? "currentColor" }}>
      <Swatch look={look} filled={open} />
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M1.5 8C3 5.2 5.2 3.8 8 3.8s5 1.4 6.5 4.2C13 10.8 10.8 12.2 8 12.2S3 10.8 1.5 8Z" />
        {open ? <circle cx="8" cy="8" r="2" /> : <path d="M3 13 13 3" />}
      </svg>
    </span>
  );
}
