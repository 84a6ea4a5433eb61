/** The page's colours, as a canvas needs them. */

export interface Theme {
  surface: string;
  text: string;
  muted: string;
  line: string;
  accent: string;
  font: string;
}

let current: Theme | null = null;
const listeners = new Set<() => void>();

/** Read once a theme: a style read for each of hundreds of charts would lay out the page each time. */
export function theme(): Theme {
  current ??= readTheme();
  return current;
}

function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  return {
    surface: color("--surface", "#ffffff"),
    text: color("--text", "#1b1f24"),
    muted: color("--muted", "#626a73"),
    line: color("--line", "#e4e7eb"),
    accent: color("--accent", "#0072b2"),
    font: style.fontFamily || "system-ui, sans-serif",
  };
}

/** Calls back when the page changes its theme; returns how to stop. */
export function onTheme(listener: () => void): () => void {
  watchRoot();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let watching = false;

function watchRoot(): void {
  if (watching) return;
  watching = true;
  new MutationObserver(() => {
    current = null;
    for (const listener of listeners) listener();
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
}
