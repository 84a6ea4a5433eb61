import type { JSX } from "preact";
import { view } from "../data/route.ts";
import type { Run } from "../data/types.ts";
import { oneLine } from "../model/safe_text.ts";
import { chooseBaseline } from "./use_baseline.ts";

interface BaselineButtonProps {
  run: Pick<Run, "id" | "name" | "project">;
  /** Stands by itself, and not in a row of a list. */
  alone?: boolean;
}

/** Measures the others by this run, or by none any more. */
export function BaselineButton({ run, alone = false }: BaselineButtonProps): JSX.Element {
  const isIt = view.value.baseline === run.id;
  return (
    <button
      type="button"
      class={alone ? "button" : `link only ${isIt ? "is-baseline" : ""}`}
      data-action="baseline"
      aria-pressed={isIt}
      aria-label={`Baseline: measure the others by ${oneLine(run.name)}`}
      title={isIt ? "The others are measured by this run; once more for none" : "Measure the others by this run"}
      onClick={() => chooseBaseline(run.project, isIt ? "" : run.id)}
    >
      {alone ? "Baseline" : isIt ? "baseline" : "base"}
    </button>
  );
}
