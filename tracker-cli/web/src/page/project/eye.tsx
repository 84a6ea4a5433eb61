import type { JSX } from "preact";
import { setView, view } from "../../data/route.ts";
import type { Run } from "../../data/types.ts";
import { withEyes } from "../../model/drawn.ts";
import { runLabel } from "../../part/run_name.tsx";

/** The eye of a run in its colour: filled while the run is drawn. */
export function Eye({ run, open, color }: { run: Run; open: boolean; color: string | undefined }): JSX.Element {
  return (
    <button type="button" class="eye" data-eye={run.id} data-color={color} aria-pressed={open} aria-label={`${open ? "Hide" : "Show"} ${runLabel(run)}`} title={open ? "Hide" : "Show"}
      onClick={() => setView(withEyes(view.value, [run.id], !open))}>
      <span class={open ? "swatch filled" : "swatch"} style={{ color: color ?? "currentColor" }} />
    </button>
  );
}
