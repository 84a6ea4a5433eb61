import { useLayoutEffect, useState } from "preact/hooks";

/**
 * Whether a chart fills the screen. The focus stays within it then, and not on what it hides; Escape leaves,
 * and gives the focus back to where it was.
 */
export function useFullScreen(
  chart: { current: HTMLElement | null },
  button: { current: HTMLButtonElement | null },
): [boolean, (full: boolean) => void] {
  const [full, setFull] = useState(false);
  // At once, not after the next picture: a quick Escape would be lost.
  useLayoutEffect(() => {
    if (!full) return;
    const before = document.activeElement;
    button.current?.focus({ preventScroll: true });
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !hasDialog()) setFull(false);
    };
    const stay = ({ target }: FocusEvent): void => {
      if (target instanceof Node && !chart.current?.contains(target) && !hasDialog()) button.current?.focus();
    };
    document.addEventListener("keydown", leave);
    document.addEventListener("focusin", stay);
    return () => {
      document.removeEventListener("keydown", leave);
      document.removeEventListener("focusin", stay);
      if (before instanceof HTMLElement && before !== document.body) before.focus({ preventScroll: true });
      else button.current?.blur();
    };
  }, [full]);
  return [full, setFull];
}

/** A dialog over the chart has the keys and the focus for itself. */
function hasDialog(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
