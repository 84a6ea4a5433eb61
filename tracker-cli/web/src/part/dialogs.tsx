import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { lazy } from "./lazy.tsx";
import { Modal } from "./modal.tsx";
import { Palette } from "./palette.tsx";

const Help = lazy("the keys", async () => (await import("./help.tsx")).Help);

/** The dialog that lies over the page, if any. */
export const dialog = signal<"help" | "palette" | null>(null);

export function closeDialog(): void {
  dialog.value = null;
}

export function Dialogs(): JSX.Element | null {
  const name = dialog.value;
  if (name === null) return null;
  /** An older dialog's last word does not close the one that came after it. */
  const closed = (): void => {
    if (dialog.value === name) closeDialog();
  };
  return (
    <Modal key={name} name={name} label={LABELS[name]} onClose={closed}>
      {name === "help" ? <Help /> : <Palette />}
    </Modal>
  );
}

const LABELS = { help: "Keys and search", palette: "Go to" } as const;
