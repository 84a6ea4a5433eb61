import { useLayoutEffect, useRef } from "preact/hooks";

/** What takes the focus as it appears. The browser's own `autofocus` does so only while nothing else has it. */
export function useFocus<T extends HTMLElement>(): { current: T | null } {
  const element = useRef<T>(null);
  useLayoutEffect(() => element.current?.focus(), []);
  return element;
}
