/**
 * Paper shows the whole page, and so do charts that nobody has scrolled to. A browser takes its picture for the
 * printer as soon as the listeners of `beforeprint` have returned and what they promised is kept: frames and
 * answers of a server come too late. A report has its curves in itself. For a page of a server, `print` fetches
 * them before it asks for the printer.
 */

let printing = false;
const listeners = new Set<(printing: boolean) => void>();

export function isPrinting(): boolean {
  return printing;
}

/** Tells when paper is about to be printed, and when that is over; returns how to stop. */
export function onPrint(listener: (printing: boolean) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Listens to the browser's own command, and takes over its keys. */
export function startPrinting(): void {
  addEventListener("beforeprint", () => turn(true));
  addEventListener("afterprint", () => turn(false));
}

function turn(on: boolean): void {
  printing = on;
  for (const listener of [...listeners]) listener(on);
}

const LONGEST_MS = 20_000;
const PENDING = '.chart:not([data-state]), .chart[data-state="idle"], .chart[data-state="loading"]';

/** Draws every chart and then prints the page. */
export async function print(): Promise<void> {
  turn(true);
  const until = performance.now() + LONGEST_MS;
  while (document.querySelector(PENDING) && performance.now() < until)
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  window.print();
  turn(false);
}
