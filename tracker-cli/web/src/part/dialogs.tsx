import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Help } from "./help.tsx";
import { Palette } from "./palette.tsx";

/** The dialog that lies over the page, if any. */
export const dialog = signal<"help" | "palette" | null>(null);

export function closeDialog(): void {
  dialog.value = null;
}

export function Dialogs(): JSX.Element | null {
  if (dialog.value === null) return null;
  return (
    <Modal key={dialog.value} name={dialog.value}>
      {dialog.value === "help" ? <Help /> : <Palette />}
    </Modal>
  );
}

const LABELS = { help: "Keys and search", palette: "Go to" } as const;

/** The browser's own dialog: it holds the focus and gives it back; Escape or a click beside it closes it. */
function Modal({ name, children }: { name: keyof typeof LABELS; children: ComponentChildren }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const box = element.current;
    box?.showModal();
    return () => box?.close();
  }, []);
  const beside = (event: MouseEvent): void => {
    if (event.target === element.current) closeDialog();
  };
  /** An older dialog's last word does not close the one that came after it. */
  const closed = (): void => {
    if (dialog.value === name) closeDialog();
  };
  return (
    <dialog ref={element} data-dialog={name} aria-label={LABELS[name]} onClose={closed} onClick={beside}>
      {children}
    </dialog>
  );
}
