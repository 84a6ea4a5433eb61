import { useLayoutEffect, useRef } from "preact/hooks";

const CONTROLS = "a[href], button:not(:disabled), input:not(:disabled)";

/**
 * Makes a long list one stop of the Tab key: only the controls of one row are in the order of the page,
 * and the arrow keys go to the same control of the row above or below. Rows carry `data-key`.
 */
export function useRowKeys(box: { current: HTMLElement | null }): {
  onFocusIn(event: FocusEvent): void;
  onKeyDown(event: KeyboardEvent): void;
} {
  const stop = useRef<string | undefined>(undefined);
  const column = useRef(0);
  // With the next frame, which lays the page out anyway: to ask for places before would lay it out once more.
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => box.current && leaveOneStop(box.current, stop.current));
    return () => cancelAnimationFrame(frame);
  });
  const onFocusIn = ({ target }: FocusEvent): void => {
    const row = rowOf(target);
    if (!row || !box.current) return;
    stop.current = row.dataset["key"];
    column.current = controlsOf(row).indexOf(target as HTMLElement);
    leaveOneStop(box.current, stop.current);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const row = rowOf(event.target);
    if (move === 0 || !row || !box.current || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const rows = rowsOf(box.current);
    const controls = controlsOf(rows[rows.indexOf(row) + move]);
    const wanted = column.current;
    // Some controls show only in the row that has the focus.
    controls[0]?.focus();
    controls[Math.min(wanted, controls.length - 1)]?.focus();
    column.current = wanted;
  };
  return { onFocusIn, onKeyDown };
}

/** The row that was last in, else the first that is seen. */
function leaveOneStop(box: HTMLElement, key: string | undefined): void {
  const rows = rowsOf(box);
  const top = box.getBoundingClientRect().top;
  const stop = rows.find((row) => row.dataset["key"] === key) ?? rows.find((row) => row.getBoundingClientRect().top >= top);
  for (const row of rows) for (const control of controlsOf(row)) control.tabIndex = row === stop ? 0 : -1;
}

function rowsOf(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>("[data-key]")];
}

function rowOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-key]") : null;
}

function controlsOf(row: HTMLElement | undefined): HTMLElement[] {
  return row ? [...row.querySelectorAll<HTMLElement>(CONTROLS)] : [];
}
