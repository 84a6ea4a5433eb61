/** What both pages share: how many to draw, and when it is done. */
import "../src/chart/chart.css";
import "./bench.css";
import { CHARTS, RUNS } from "./points.ts";

declare global {
  interface Window {
    /** Milliseconds from the start of the page until all charts were on screen. */
    benchDrawn?: number;
    /** Says that there are new points. */
    benchUpdate?: () => void;
  }
}

export function settings(): { charts: number; runs: number } {
  const query = new URLSearchParams(location.search);
  return { charts: Number(query.get("charts") ?? CHARTS), runs: Number(query.get("runs") ?? RUNS) };
}

/** Notes the time at the first frame after everything is drawn. */
export function settled(done: () => boolean): void {
  const look = (): void => {
    if (!done()) requestAnimationFrame(look);
    else
      requestAnimationFrame(() =>
        setTimeout(() => {
          window.benchDrawn = performance.now();
        }),
      );
  };
  look();
}
