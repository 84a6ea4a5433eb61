/** The page's keys. Nothing happens while somebody types, but for those with Ctrl. */
import { print } from "../chart/printing.ts";
import { toggleTheme } from "../data/theme.ts";
import { dialog } from "../part/dialogs.tsx";

export function startKeyboard(): void {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      dialog.value = dialog.value === "palette" ? null : "palette";
      event.preventDefault();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "p") {
      event.preventDefault();
      void print();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.value !== null || isTyping(event.target)) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

const KEYS: Record<string, () => void> = {
  "?": () => (dialog.value = "help"),
  "/": focusSearch,
  f: fullScreen,
  t: toggleTheme,
};

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !isSwitch(target)
  );
}

/** A box to tick or a slider takes no letters. */
function isSwitch(target: HTMLElement): boolean {
  return target instanceof HTMLInputElement && (target.type === "checkbox" || target.type === "range");
}

function focusSearch(): void {
  const search = document.querySelector<HTMLInputElement>('input[type="search"], [data-action="search"]');
  search?.focus();
  search?.select();
}

/** The chart that fills the screen, else the one under the pointer, else the first. */
function fullScreen(): void {
  const chart = document.querySelector(".chart-full") ?? document.querySelector(".chart:hover") ?? document.querySelector(".chart");
  chart?.querySelector<HTMLButtonElement>('[data-action="full"]')?.click();
}
