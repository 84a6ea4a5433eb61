/**
 * A report: the page in one file, with what the server would have answered (`tracker report`). Nothing is
 * fetched then, and nothing changes.
 */
import { viewOfShown } from "../model/saved_view.ts";
import { formatRoute } from "../model/url_state.ts";
import type { Saved } from "./types.ts";

/** What the file holds; null where a server answers. */
export const saved: Saved | null = read();

function read(): Saved | null {
  const element = typeof document === "undefined" ? null : document.getElementById("tracker-report");
  return element ? (JSON.parse(element.textContent ?? "") as Saved) : null;
}

/** The address that a report opens with. */
export function firstAddress({ runs, notes, charts, opens }: Saved): string {
  if (notes !== null || charts.length > 0) return "/document";
  if (opens && "address" in opens) return opens.address;
  // The runs that somebody named are those to be drawn, whichever were drawn as the view was saved.
  if (opens)
    return formatRoute({
      page: "project",
      project: opens.project,
      view: { ...viewOfShown(opens.shown).view, draw: "all", show: [], hide: [] },
    });
  return runs.length === 1 ? `/r/${runs[0]}?tab=charts` : `/c?${runs.map((run) => `run=${run}`).join("&")}`;
}
