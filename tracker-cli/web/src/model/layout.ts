/**
 * Which charts of a board stand on top, which are hidden, and in what order the others stand. Each chart is
 * named by the key of its choice (`chart_choice.ts`). What nobody has chosen is left out, so that new metrics
 * find their place by themselves.
 */
import type { View } from "./url_state.ts";

export type Layout = Pick<View, "pins" | "hidden" | "order">;

/** In the place of pins: nothing is to stand on top, not even the usual charts. */
export const NO_PINS = "-";

/** More charts on top are no top. */
export const MOST_PINS = 100;

/** The keys of the charts on top: what somebody has pinned, else the usual ones. */
export function pinnedKeys({ pins }: Pick<Layout, "pins">, usual: readonly string[]): readonly string[] {
  if (pins.length === 0) return usual;
  return pins.filter((key) => key !== NO_PINS).slice(0, MOST_PINS);
}

/** With a chart on top, before another one or at the end. Those that stood there anyway stay. */
export function withPin(layout: Layout, usual: readonly string[], key: string, before: string | null = null): Layout {
  const rest = pinnedKeys(layout, usual).filter((each) => each !== key);
  return { ...layout, pins: insert(rest, key, before), hidden: layout.hidden.filter((each) => each !== key) };
}

export function withoutPin(layout: Layout, usual: readonly string[], key: string): Layout {
  const rest = pinnedKeys(layout, usual).filter((each) => each !== key);
  return { ...layout, pins: rest.length === 0 && usual.length > 0 ? [NO_PINS] : rest };
}

/** Without a chart, until somebody shows it again. */
export function withHidden(layout: Layout, key: string): Layout {
  return layout.hidden.includes(key) ? layout : { ...layout, hidden: [...layout.hidden, key] };
}

export function withShown(layout: Layout, keys: readonly string[]): Layout {
  const shown = new Set(keys);
  return { ...layout, hidden: layout.hidden.filter((key) => !shown.has(key)) };
}

/** The charts of one section as they are ordered: those that somebody has moved first, then the rest as it came. */
export function inOrder(keys: readonly string[], order: readonly string[]): string[] {
  if (order.length === 0) return [...keys];
  const here = new Set(keys);
  const moved = order.filter((key) => here.has(key));
  const named = new Set(moved);
  return [...moved, ...keys.filter((key) => !named.has(key))];
}

/**
 * With a chart before another one of its section, or at its end. `usual` are all charts of the section as they
 * come by themselves. Only as many are named as it takes, so that the others go on standing as they come.
 */
export function withMoved(layout: Layout, usual: readonly string[], key: string, before: string | null): Layout {
  const now = inOrder(usual, layout.order).filter((each) => each !== key);
  const wanted = insert(now, key, before);
  const here = new Set(usual);
  return { ...layout, order: [...layout.order.filter((each) => !here.has(each)), ...namedPart(wanted, usual)] };
}

/** The shortest beginning of an order behind which all others stand as they come. */
function namedPart(wanted: readonly string[], usual: readonly string[]): string[] {
  for (let count = 0; count < wanted.length; count += 1) {
    const named = wanted.slice(0, count);
    if (inOrder(usual, named).every((key, at) => key === wanted[at])) return named;
  }
  return [...wanted];
}

function insert(keys: readonly string[], key: string, before: string | null): string[] {
  const at = before === null ? -1 : keys.indexOf(before);
  return at < 0 ? [...keys, key] : [...keys.slice(0, at), key, ...keys.slice(at)];
}

/** Where an arrow key moves a chart: the chart that it then stands before, null for the end, undefined for nowhere. */
export function neighbour(keys: readonly string[], key: string, by: -1 | 1): string | null | undefined {
  const at = keys.indexOf(key);
  const to = at + by;
  if (at < 0 || to < 0 || to >= keys.length) return undefined;
  return by < 0 ? keys[to] : (keys[to + 1] ?? null);
}

/** Whether anybody has chosen anything. */
export function isUsualLayout({ pins, hidden, order }: Layout): boolean {
  return pins.length + hidden.length + order.length === 0;
}
