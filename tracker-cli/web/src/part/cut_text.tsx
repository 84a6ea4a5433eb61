import type { JSX } from "preact";

/** Letters of the end that always stay. */
const TAIL = 8;

/** A text that is cut in its middle where there is no room: names of one sweep begin alike and differ at their ends. */
export function CutText({ text }: { text: string }): JSX.Element {
  const letters = [...text];
  if (letters.length <= 2 * TAIL) return <span class="clip">{text}</span>;
  return (
    <span class="cut">
      <span class="cut-head">{letters.slice(0, -TAIL).join("")}</span>
      <span class="cut-tail">{letters.slice(-TAIL).join("")}</span>
    </span>
  );
}
