import type { JSX } from "preact";
import type { Look } from "../model/palette.ts";

/** The dot of a run in the colour and dashes of its line. */
export function Swatch({ look, filled = true }: { look: Look | undefined; filled?: boolean }): JSX.Element {
  return <span class={filled ? "swatch filled" : "swatch"} data-dash={look?.dash ?? 0} style={{ color: look?.color ?? "currentColor" }} />;
}
