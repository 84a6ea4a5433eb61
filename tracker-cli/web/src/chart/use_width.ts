import { useLayoutEffect, useState } from "preact/hooks";

/** The width of an element in CSS pixels, kept up to date: a picture drawn in it keeps its letters at their size. */
export function useWidth(element: { current: HTMLElement | null }, atFirst: number): number {
  const [width, setWidth] = useState(atFirst);
  useLayoutEffect(() => {
    if (!element.current) return;
    const watch = new ResizeObserver(([entry]) => {
      const wide = Math.floor(entry?.contentRect.width ?? 0);
      if (wide > 0) setWidth(wide);
    });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, []);
  return width;
}
