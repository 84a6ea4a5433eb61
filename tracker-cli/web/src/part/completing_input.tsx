import type { JSX } from "preact";
import { useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Completion } from "../model/completion.ts";
import { optionAfter, Options } from "./options.tsx";

interface CompletingInputProps {
  value: string;
  /** Names it for tests. */
  action: string;
  label: string;
  placeholder: string;
  isInvalid: boolean;
  title?: string;
  class?: string;
  /** Says what the button that clears it does; left out, there is none. */
  clear?: string;
  onType(text: string): void;
  /** What the text may become, with the cursor at `caret`. */
  complete(text: string, caret: number): Completion[];
}

/**
 * A text box that completes as one types. Nothing is chosen before an arrow key or the pointer chooses it, so that Enter
 * and Tab do what they always do; Escape puts the list away.
 */
export function CompletingInput({ complete, onType, ...props }: CompletingInputProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const id = `offered-${useId()}`;
  const [state, setState] = useState({ open: false, at: -1, caret: 0 });
  const { open, caret } = state;
  const offered = useMemo(() => (open ? complete(props.value, caret) : []), [open, props.value, caret, complete]);
  const at = Math.min(state.at, offered.length - 1);
  const isShown = open && offered.length > 0;
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    input.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  });
  const close = (): void => setState({ ...state, open: false, at: -1 });
  const choose = (index: number): void => {
    const chosen = offered[index];
    if (!chosen) return;
    wanted.current = chosen.caret;
    // A space asks for what comes next.
    setState({ open: /[\s(]$/.test(chosen.text.slice(0, chosen.caret)), at: -1, caret: chosen.caret });
    onType(chosen.text);
  };
  const key = (event: KeyboardEvent & { currentTarget: HTMLInputElement }): void => {
    const moved = event.altKey || event.ctrlKey || event.metaKey ? null : optionAfter(event.key, at, offered.length);
    if (moved !== null && isShown) setState({ ...state, at: moved });
    else if (event.key === "ArrowDown" && !open) setState({ open: true, at: -1, caret: event.currentTarget.selectionStart ?? 0 });
    else if ((event.key === "Enter" || event.key === "Tab") && isShown && at >= 0) choose(at);
    else if (event.key === "Escape" && isShown) close();
    else if (event.key === "Escape" && props.clear && props.value !== "") onType("");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span class={`completing ${props.class ?? ""}`}>
      <input
        ref={input}
        type="text"
        class={props.class}
        role="combobox"
        data-action={props.action}
        aria-label={props.label}
        aria-invalid={props.isInvalid}
        aria-expanded={isShown}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={isShown && at >= 0 ? `${id}-${at}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder={props.placeholder}
        title={props.title}
        value={props.value}
        onKeyDown={key}
        onBlur={close}
        onInput={(event) => {
          const { value, selectionStart } = event.currentTarget;
          setState({ open: value !== "", at: -1, caret: selectionStart ?? value.length });
          onType(value);
        }}
      />
      {props.clear && props.value !== "" && (
        <button
          type="button"
          class="clear"
          data-action={`empty-${props.action}`}
          aria-label={props.clear}
          title={props.clear}
          onClick={() => onType("")}
        >
          ✕
        </button>
      )}
      {isShown && <Options id={id} label={props.label} options={offered} selected={at} class="completions card" onChoose={choose} />}
    </span>
  );
}
