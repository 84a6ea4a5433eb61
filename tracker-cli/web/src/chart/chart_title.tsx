import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useFocus } from "../part/use_focus.ts";

interface ChartTitleProps {
  title: string;
  /** All that there is to say of it. */
  full: string;
  editing: boolean;
  /** Takes what was typed; null leaves it as it was. */
  onDone(title: string | null): void;
}

/** A chart's title, which can be typed over. */
export function ChartTitle({ title, full, editing, onDone }: ChartTitleProps): JSX.Element {
  return editing ? <TitleInput title={title} onDone={onDone} /> : <h3 title={full}>{title}</h3>;
}

function TitleInput({ title, onDone }: Pick<ChartTitleProps, "title" | "onDone">): JSX.Element {
  const input = useFocus<HTMLInputElement>();
  const isDone = useRef(false);
  /** Once: what goes away loses the focus too. */
  const done = (typed: string | null): void => {
    if (!isDone.current) onDone(typed === title ? null : typed);
    isDone.current = true;
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.stopPropagation();
    done(event.key === "Enter" ? (input.current?.value ?? "").trim() : null);
  };
  return (
    <input
      ref={input}
      type="text"
      class="chart-name"
      data-input="chart-name"
      aria-label="Name of the chart"
      defaultValue={title}
      onKeyDown={key}
      onBlur={(event) => done(event.currentTarget.value.trim())}
    />
  );
}
