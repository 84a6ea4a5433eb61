import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { saved } from "../data/saved.ts";
import type { Run } from "../data/types.ts";
import { lazy } from "./lazy.tsx";

const ReportDialog = lazy("the report", async () => (await import("./report_dialog.tsx")).ReportDialog, "silently");

/** Each run is a part of the file. */
const MOST = 500;

/** Opens the dialog in which words and charts become one document. A report makes no report. */
export function ReportButton({ runs, small = false }: { runs: readonly Run[]; small?: boolean }): JSX.Element | null {
  const [open, setOpen] = useState(false);
  if (saved) return null;
  const why =
    runs.length === 0 ? "Draw a run first" : runs.length > MOST ? `At most ${MOST} runs fit into a report: draw fewer` : undefined;
  return (
    <>
      <button
        type="button"
        class={small ? "button small" : "button"}
        data-action="report"
        disabled={why !== undefined}
        title={why ?? "Words and charts in one document"}
        onClick={() => setOpen(true)}
      >
        Report…
      </button>
      {open && <ReportDialog runs={runs} onClose={() => setOpen(false)} />}
    </>
  );
}
