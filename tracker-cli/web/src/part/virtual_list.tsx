import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useRowKeys } from "./row_keys.ts";

interface VirtualListProps<T> {
  items: readonly T[];
  /** The height of each row in pixels. */
  rowHeight: number;
  class?: string;
  label: string;
  /** Nothing in it takes the focus, so the list itself does: it can be scrolled by keys. */
  scrolls?: boolean;
  row(item: T, index: number): ComponentChildren;
}

/** Rows that exist only while they are near the screen: a list of thousands costs what one of fifty does. */
export function VirtualList<T>({ items, rowHeight, label, row, ...rest }: VirtualListProps<T>): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [from, until] = useWindow(box, items.length, rowHeight);
  return (
    <div ref={box} class={rest.class} role="list" aria-label={label} tabIndex={rest.scrolls ? 0 : undefined} {...useRowKeys(box)}>
      <div style={{ height: `${from * rowHeight}px` }} />
      {items.slice(from, until).map((item, at) => row(item, from + at))}
      <div style={{ height: `${(items.length - until) * rowHeight}px` }} />
    </div>
  );
}

/** Rows above and below the seen ones that are kept, so that scrolling shows no gap. */
const MARGIN = 12;

/** The first row to keep and the one after the last, as the box is scrolled and sized. */
export function useWindow(box: { current: HTMLElement | null }, rows: number, rowHeight: number): [from: number, until: number] {
  const [seen, setSeen] = useState({ top: 0, height: 900 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => setSeen({ top: element.scrollTop, height: element.clientHeight });
    const sized = new ResizeObserver(measure);
    element.addEventListener("scroll", measure, { passive: true });
    sized.observe(element);
    return () => {
      sized.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  const first = Math.max(Math.floor(seen.top / rowHeight) - MARGIN, 0);
  const from = Math.min(first, Math.max(rows - 1, 0));
  const until = Math.min(rows, Math.ceil((seen.top + seen.height) / rowHeight) + MARGIN);
  return [from, Math.max(until, from)];
}
