import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { best } from "../model/palette_match.ts";
import { optionAfter, Options } from "./options.tsx";
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
    const moved = optionAfter(event.key, chosen, found.length);
    if (moved !== null) setAt(Math.max(moved, 0));
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
        aria-activedescendant={found.length > 0 ? `choices-${chosen}` : undefined}
        placeholder={placeholder}
        value={typed}
        onKeyDown={key}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
      />
      <Options
        id="choices"
        label={label}
        options={found}
        selected={chosen}
        class={rest.class}
        onChoose={(index) => found[index]?.choose()}
      />
      {found.length === 0 && (
        <p class="muted no-choice" role="status">
          {problem ?? none}
        </p>
      )}
    </>
  );
}
