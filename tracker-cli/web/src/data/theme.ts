/** Light or dark: as the system says until somebody chooses here. */
import { effect, signal } from "@preact/signals";

const KEY = "tracker.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export const dark = signal(chosen() ?? system.matches);

let printing = false;

/** Paper is light. */
export function lightForPaper(on: boolean): void {
  printing = on;
  dark.value = usual();
}

function usual(): boolean {
  return !printing && (chosen() ?? system.matches);
}

/** Follows the system, and writes the theme where styles and charts read it. */
export function startTheme(): void {
  system.addEventListener("change", () => (dark.value = usual()));
  effect(() => {
    document.documentElement.dataset["theme"] = dark.value ? "dark" : "light";
  });
}

export function toggleTheme(): void {
  dark.value = !dark.value;
  try {
    localStorage.setItem(KEY, dark.value ? "dark" : "light");
  } catch {
    // A browser that keeps nothing for pages still shows the choice until it reloads.
  }
}

function chosen(): boolean | null {
  try {
    const word = localStorage.getItem(KEY);
    return word === null ? null : word === "dark";
  } catch {
    return null;
  }
}
