import { useLayoutEffect, useRef } from "preact/hooks";

/** A `details` that closes by Escape, which gives the focus back to its head, and by a click beside it. */
export function useClosing(): { current: HTMLDetailsElement | null } {
  const details = useRef<HTMLDetailsElement>(null);
  useLayoutEffect(() => {
    const beside = ({ target }: Event): void => {
      const box = details.current;
      if (box?.open && target instanceof Node && !box.contains(target)) box.open = false;
    };
    const escape = (event: KeyboardEvent): void => {
      const box = details.current;
      if (event.key !== "Escape" || !box?.open) return;
      box.open = false;
      box.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", beside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", beside);
      document.removeEventListener("keydown", escape);
    };
  }, []);
  return details;
}
