import { computed } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { keepLayout, keptLayout } from "../data/kept_view.ts";
import { setView, view, viewField } from "../data/route.ts";
import { keyOfMetric } from "../model/chart_choice.ts";
import { isUsualLayout, pinnedKeys, withHidden, withMoved, withoutPin, withPin, withShown } from "../model/layout.ts";
import type { Layout } from "../model/layout.ts";
import { usualPins } from "../model/usual_pins.ts";
import { formatView } from "../model/url_state.ts";

/** Which charts of a board stand where, and how to put them elsewhere. */
export interface BoardLayout {
  /** The keys on top, in their order, whether there are such charts or not. */
  pinned: readonly string[];
  /** Whether nobody has pinned or unpinned anything. */
  isUsual: boolean;
  hidden: ReadonlySet<string>;
  order: readonly string[];
  pin(key: string, before?: string | null): void;
  unpin(key: string): void;
  hide(key: string): void;
  show(keys: readonly string[]): void;
  /** Puts a chart of a section before another one of it, or at its end. */
  move(all: readonly string[], key: string, before: string | null): void;
  /** Without a chart that is no more. */
  forget(key: string): void;
  /** Without the pins of charts that are not there. */
  keepPins(isThere: (key: string) => boolean): void;
}

/** Whether the address says nothing but which tab is open and which charts there are. */
const addressIsEmpty = computed(() => formatView({ ...view.value, tab: "", charts: [] }).size === 0);

/**
 * The layout that the address names. An address that says nothing has the one that was kept for the project; it then
 * stands in the address too. As with charts, a change takes the place of the address before it.
 */
export function useLayout(project: string, metrics: readonly string[]): BoardLayout {
  const [pins, hidden, order] = [viewField("pins"), viewField("hidden"), viewField("order")];
  const saysNothing = addressIsEmpty.value;
  const layout = useMemo<Layout>(
    () => (saysNothing ? keptLayout(project) : { pins, hidden, order }),
    [saysNothing, project, pins, hidden, order],
  );
  useEffect(() => {
    if (saysNothing && !isUsualLayout(layout)) setView({ ...layout }, "replace");
  }, [saysNothing, layout]);
  const usual = useMemo(() => usualPins(metrics).map(keyOfMetric), [metrics]);
  return useMemo(() => {
    const set = (next: Layout): void => {
      keepLayout(project, next);
      setView({ ...next }, "replace");
    };
    return {
      pinned: pinnedKeys(layout, usual),
      isUsual: layout.pins.length === 0,
      hidden: new Set(layout.hidden),
      order: layout.order,
      pin: (key, before = null) => set(withPin(layout, usual, key, before)),
      unpin: (key) => set(withoutPin(layout, usual, key)),
      hide: (key) => set(withHidden(layout, key)),
      show: (keys) => set(withShown(layout, keys)),
      move: (all, key, before) => set(withMoved(layout, all, key, before)),
      forget: (key) => {
        const left = (keys: readonly string[]): string[] => keys.filter((each) => each !== key);
        if ([layout.pins, layout.hidden, layout.order].some((keys) => keys.includes(key)))
          set({ pins: left(layout.pins), hidden: left(layout.hidden), order: left(layout.order) });
      },
      keepPins: (isThere) => set({ ...layout, pins: layout.pins.filter(isThere) }),
    };
  }, [layout, usual, project]);
}
