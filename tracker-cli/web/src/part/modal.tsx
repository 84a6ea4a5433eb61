import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface ModalProps {
  /** Names it for tests. */
  name: string;
  label: string;
  onClose(): void;
  children: ComponentChildren;
}

/** The browser's own dialog: it holds the focus and gives it back; Escape or a click beside it closes it. */
export function Modal({ name, label, onClose, children }: ModalProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const box = element.current;
    box?.showModal();
    return () => box?.close();
  }, []);
  const beside = (event: MouseEvent): void => {
    if (event.target === element.current) onClose();
  };
  return (
    <dialog ref={element} data-dialog={name} aria-label={label} onClose={onClose} onClick={beside}>
      {children}
    </dialog>
  );
}
