import { useEffect, useState } from "preact/hooks";
import { keepBaseline, keptBaseline } from "../data/baseline.ts";
import { setView, view } from "../data/route.ts";

/** Measures by a run, or by none where the id is empty. */
export function chooseBaseline(project: string, run: string): void {
  keepBaseline(project, run);
  setView({ baseline: run });
}

/** The baseline that was kept for the project stands in the address too, unless that names one. */
export function useKeptBaseline(project: string): void {
  const [asked, setAsked] = useState("");
  useEffect(() => {
    if (asked === project) return;
    setAsked(project);
    const kept = keptBaseline(project);
    if (view.value.baseline === "" && kept !== "") setView({ baseline: kept }, "replace");
  }, [project, asked]);
}
