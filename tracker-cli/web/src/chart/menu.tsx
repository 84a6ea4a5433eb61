import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface MenuItem {
  /** Names the button for tests. */
  action: string;
  text: string;
  run(): void;
}

/** A small menu that closes when something is chosen or another place is clicked. */
export function Menu({ label, items }: { label: string; items: MenuItem[] }): JSX.Element {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event): void => {
      const menu = details.current;
      if (menu?.open && !(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
    };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, []);
  const choose = (item: MenuItem) => (): void => {
    if (details.current) details.current.open = false;
    item.run();
  };
  return (
    <details ref={details} class="chart-menu">
      <summary data-action="menu" title={label} aria-label={label}>⋯</summary>
      <div class="chart-menu-items">
        {items.map((item) => <button key={item.action} type="button" data-action={item.action} onClick={choose(item)}>{item.text}</button>)}
      </div>
    </details>
  );
}
