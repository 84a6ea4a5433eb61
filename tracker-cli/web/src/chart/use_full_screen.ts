import { useEffect, useState } from "preact/hooks";

/** Whether a chart fills the screen. Its button has the focus then; Escape leaves, and gives the focus back to where it was. */
export function useFullScreen(button: { current: HTMLButtonElement | null }): [boolean, (full: boolean) => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    if (!full) return;
    const before = document.activeElement;
    button.current?.focus({ preventScroll: true });
    const leave = (event: KeyboardEvent): void => {
      const isOthers = document.querySelector("dialog[open]") !== null;
      if (event.key === "Escape" && !isOthers) setFull(false);
    };
    document.addEventListener("keydown", leave);
    return () => {
      document.removeEventListener("keydown", leave);
      if (before instanceof HTMLElement && before !== document.body) before.focus({ preventScroll: true });
      else button.current?.blur();
    };
  }, [full]);
  return [full, setFull];
}
