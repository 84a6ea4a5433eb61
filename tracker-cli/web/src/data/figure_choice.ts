/** How somebody wants pictures of charts, kept in this browser. */
import { signal } from "@preact/signals";
import { readChoice } from "../chart/figure/choice.ts";
import type { FigureChoice } from "../chart/figure/choice.ts";

const KEY = "tracker.figure";

export const figureChoice = signal<FigureChoice>(readChoice(kept()));

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function chooseFigure(choice: FigureChoice): void {
  figureChoice.value = choice;
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // A browser that keeps nothing for pages has the choice until it reloads.
  }
}
