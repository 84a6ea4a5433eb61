import { untracked, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { keptBaseline } from "../../data/baseline.ts";
import { keptCharts } from "../../data/kept_charts.ts";
import { keepView, keptView, rememberView } from "../../data/kept_view.ts";
import { setView, view } from "../../data/route.ts";
import { resumeView } from "../../data/views.ts";
import { defaultView, formatView } from "../../model/url_state.ts";

/** A project whose address says nothing opens as it was left. What is changed from then on is kept. */
export function useView(project: string): void {
  const arrived = useRef<string | null>(null);
  useLayoutEffect(() => {
    const { tab } = view.value;
    if (formatView({ ...view.value, tab: "" }).size === 0) {
      const kept = { ...(keptView(project) ?? defaultView()), tab: "", baseline: keptBaseline(project), charts: keptCharts(project) };
      if (formatView(kept).size > 0) setView({ ...kept, tab }, "replace");
    }
    arrived.current = words();
    void resumeView(project);
  }, [project]);
  useSignalEffect(() => {
    const shown = view.value;
    untracked(() => {
      if (words() === arrived.current) return rememberView(project, shown);
      arrived.current = null;
      keepView(project, shown);
    });
  });
}

/** What of the view is kept here; charts and the baseline are kept by themselves. */
function words(): string {
  return formatView({ ...view.value, tab: "", charts: [], baseline: "" }).toString();
}
