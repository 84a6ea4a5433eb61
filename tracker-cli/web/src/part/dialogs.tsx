import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Help } from "./help.tsx";
import { Palette } from "./palette.tsx";

/** The dialog that lies over the page, if any. */
export const dialog = signal<"help" | "palette" | null>(null);

export function closeDialog(): void {
  dialog.value = null;
}

export function Dialogs(): JSX.Element | null {
  if (dialog.value === null) return null;
  return <Modal name={dialog.value}>{dialog.value === "help" ? <Help /> : <Palette />}</Modal>;
}

/** The browser's own dialog: it holds the focus, and Escape or a click beside it closes it. */
function Modal({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  const beside = (event: MouseEvent): void => {
    if (event.target === element.current) closeDialog();
  };
  return <dialog ref={element} data-dialog={name} aria-label={name} onClose={closeDialog} onClick={beside}>{children}</dialog>;
}
