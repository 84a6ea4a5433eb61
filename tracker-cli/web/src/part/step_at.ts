/** The step that the page is at: charts, panel and galleries share it. */
import { signal } from "@preact/signals";
import { stepOf } from "../chart/index.ts";
import type { Picked } from "../chart/index.ts";
import { setView, view } from "../data/route.ts";

/** Why the last pick came to nothing. */
export const unpicked = signal("");

let picks = 0;

/** Opens the step that somebody has picked on a chart; one that is overtaken by another pick is dropped. */
export async function openPicked(picked: Picked): Promise<void> {
  const mine = (picks += 1);
  unpicked.value = "";
  try {
    const step = await stepOf(picked);
    if (mine === picks && step !== null) openStep(step);
  } catch (thrown) {
    if (mine === picks) unpicked.value = thrown instanceof Error ? thrown.message : String(thrown);
  }
}

export function openStep(step: string): void {
  setView({ step, told: true }, view.value.told ? "replace" : "push");
}

/** Moves the page to a step without telling what was there. */
export function moveToStep(step: string): void {
  setView({ step }, "replace");
}

export function closeStep(): void {
  setView({ told: false });
}
