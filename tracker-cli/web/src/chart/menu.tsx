import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChartAction } from "./types.ts";

/** A small menu that closes when something is chosen, another place is clicked, or Escape is pressed. What it offers is made when it opens, because most menus never do. */
export function Menu({ label, items }: { label: string; items: readonly ChartAction[] }): JSX.Element {
  const details = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    if (!open) return;
    const leave = (event: Event): void => {
      if (!(event.target instanceof Node && details.current?.contains(event.target))) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [open]);
  const close = (event: KeyboardEvent): void => {
    if (!open || event.key !== "Escape") return;
    event.stopPropagation();
    setOpen(false);
    details.current?.querySelector("summary")?.focus();
  };
  const choose = (item: ChartAction) => (): void => {
    setOpen(false);
    details.current?.querySelector("summary")?.focus();
    item.run();
  };
  return (
    <details ref={details} class="chart-menu" open={open} onToggle={(event) => setOpen(event.currentTarget.open)} onKeyDown={close}>
      <summary data-action="menu" title={label} aria-label={label}>
        ⋯
      </summary>
      {open && (
        <div class="chart-menu-items">
          {items.map((item) => (
            <button key={item.action} type="button" data-action={item.action} onClick={choose(item)}>
              {item.text}
            </button>
          ))}
        </div>
      )}
    </details>
  );
}
