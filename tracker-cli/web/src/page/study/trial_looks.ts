/** How trials are drawn, named and opened. */
import { open, to } from "../../data/route.ts";
import { dark } from "../../data/theme.ts";
import type { StudyTrial } from "../../data/types.ts";
import { HUES, PLAIN } from "../../model/palette.ts";
import type { Study } from "../../model/study.ts";

const [BLUE, VERMILION] = HUES;

/** The best and those of the front stand out, pruned ones step back. */
export function trialColor(study: Study): (trial: StudyTrial) => string {
  const shade = dark.value ? "dark" : "light";
  const ahead = new Set(study.front_trials);
  return ({ number, state }) => {
    if (ahead.has(number)) return VERMILION?.[shade] ?? PLAIN.color;
    return state === "pruned" || state === "failed" ? PLAIN.color : (BLUE?.[shade] ?? PLAIN.color);
  };
}

/** What the colours say. */
export const COLORS_SAID = "Orange: no other trial is better. Grey: pruned.";

export function trialName({ number, state }: StudyTrial): string {
  return `trial ${number}${state === "complete" ? "" : `, ${state}`}`;
}

/** Opens the run of a trial, by the trial's number as text. */
export function openTrial(study: Study): (id: string) => void {
  return (id) => {
    const run = study.all[Number(id)]?.run;
    if (run) open(to.run(run));
  };
}
