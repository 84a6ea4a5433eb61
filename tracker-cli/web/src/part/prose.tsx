import type { JSX } from "preact";
import { safeLines } from "../model/safe_text.ts";

/** Words of people, paragraph by paragraph. Nothing in them becomes markup. */
export function Prose({ text }: { text: string }): JSX.Element {
  return (
    <div class="prose">
      {text
        .split(/\n\s*\n/)
        .filter((paragraph) => paragraph.trim() !== "")
        .map((paragraph, at) => (
          <p key={at} class="plain-text">
            {safeLines(paragraph.trim())}
          </p>
        ))}
    </div>
  );
}
