import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { best } from "../model/palette_match.ts";
import { oneLine } from "../model/safe_text.ts";
import { CutText } from "./cut_text.tsx";
import { useFocus } from "./use_focus.ts";

export interface Choice {
  key: string;
  /** What is shown. */
  title: string;
  /** Other words by which it is found, and which stand in grey beside the title. */
  note: string;
  choose(): void;
}

interface ChooserProps {
  label: string;
  placeholder: string;
  choices: readonly Choice[];
  most: number;
  /** What stands there when no choice has the typed letters. */
  none: string;
  class?: string;
  onEscape?(): void;
  /** Choices that are made of what was typed, before those of the list, or why there are none. */
  typedChoices?(typed: string): readonly Choice[] | { problem: string };
}

/** A text box over a list: letters narrow the list, the arrow keys and Enter choose from it. */
export function Chooser({ label, placeholder, choices, most, none, onEscape, typedChoices, ...rest }: ChooserProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const input = useFocus<HTMLInputElement>();
  const asTyped = typedChoices?.(typed) ?? [];
  const [made, problem] = "problem" in asTyped ? [[], asTyped.problem] : [asTyped, null];
  const listed = best(
    choices.map((choice) => ({ choice, title: `${choice.title} ${choice.note}` })),
    typed,
    most,
  ).map(({ choice }) => choice);
  const found = [...made, ...listed];
  const chosen = Math.min(at, Math.max(found.length - 1, 0));
  const key = (event: KeyboardEvent): void => {
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (move !== 0) setAt(Math.min(Math.max(chosen + move, 0), found.length - 1));
    else if (event.key === "Enter") found[chosen]?.choose();
    else if (event.key === "Escape" && onEscape) onEscape();
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls="choices"
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `choice-${chosen}` : undefined}
        placeholder={placeholder}
        value={typed}
        onKeyDown={key}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
      />
      <ul id="choices" role="listbox" aria-label={`${label}: what is offered`} class={rest.class}>
        {found.map((choice, index) => (
          <Option key={choice.key} id={`choice-${index}`} choice={choice} selected={index === chosen} />
        ))}
      </ul>
      {found.length === 0 && (
        <p class="muted no-choice" role="status">
          {problem ?? none}
        </p>
      )}
    </>
  );
}

function Option({ id, choice, selected }: { id: string; choice: Choice; selected: boolean }): JSX.Element {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) item.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <li ref={item} id={id} role="option" class="choice" aria-selected={selected} onClick={choice.choose}>
      <span class="grow">
        <CutText text={oneLine(choice.title)} />
      </span>
      <span class="muted tiny">{oneLine(choice.note)}</span>
    </li>
  );
}
