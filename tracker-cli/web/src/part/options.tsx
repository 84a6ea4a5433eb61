import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { oneLine } from "../model/safe_text.ts";
import { CutText } from "./cut_text.tsx";

interface OptionsProps {
  /** The id of the list; its options are `ID-0`, `ID-1`, …. */
  id: string;
  label: string;
  /** Each with what stands in grey beside it. */
  options: readonly { key?: string; title: string; note: string }[];
  /** The one that Enter chooses; -1 for none. */
  selected: number;
  class?: string | undefined;
  onChoose(index: number): void;
}

/** What a text box offers: the text box keeps the focus, and says which option is meant. */
export function Options({ id, label, options, selected, onChoose, class: name }: OptionsProps): JSX.Element {
  return (
    <ul id={id} role="listbox" aria-label={`${label}: what is offered`} class={name} onPointerDown={(event) => event.preventDefault()}>
      {options.map(({ key, title, note }, index) => (
        <Option
          key={key ?? title}
          id={`${id}-${index}`}
          title={title}
          note={note}
          selected={index === selected}
          onChoose={() => onChoose(index)}
        />
      ))}
    </ul>
  );
}

/** Where the arrow keys lead from an option; null for another key. From none, down leads to the first. */
export function optionAfter(key: string, at: number, count: number): number | null {
  if (key === "ArrowDown") return Math.min(at + 1, count - 1);
  return key === "ArrowUp" ? Math.max(at - 1, 0) : null;
}

interface OptionProps {
  id: string;
  title: string;
  note: string;
  selected: boolean;
  onChoose(): void;
}

function Option({ id, title, note, selected, onChoose }: OptionProps): JSX.Element {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) item.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <li ref={item} id={id} role="option" class="choice" aria-selected={selected} onClick={onChoose}>
      <span class="grow">
        <CutText text={oneLine(title)} />
      </span>
      <span class="muted tiny">{oneLine(note)}</span>
    </li>
  );
}
