import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { asApiError } from "../data/api.ts";
import type { ApiError } from "../data/api.ts";
import { lazy } from "./lazy.tsx";
import { Failure } from "./notice.tsx";

const Markdown = lazy("the words", async () => (await import("./markdown.tsx")).Markdown);

interface EditTextProps {
  /** Names the buttons for tests: `edit-NAME`, `save-NAME`. */
  name: string;
  label: string;
  value: string;
  /** How the value stands on the page, where that is not all of it. */
  shown?: string;
  lines: "one" | "many";
  /** It is Markdown, shown as such, and beside what is typed. */
  markdown?: boolean;
  /** Whether it opens in the middle of being changed. */
  begun?: boolean;
  /** What stands where there is no text yet. */
  empty: string;
  readOnly: boolean;
  onSave(value: string): Promise<unknown>;
  onCancel?(): void;
}

/** A text that can be changed in its place. What was typed stays until the server has taken it. */
export function EditText({ name, label, value, shown = value, lines, empty, readOnly, ...more }: EditTextProps): JSX.Element {
  const { markdown = false, begun = false, onSave, onCancel } = more;
  const [typed, setTyped] = useState<string | null>(begun ? value : null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const box = useRef<HTMLSpanElement>(null);
  const began = useRef(false);
  const editing = typed !== null;
  /** The focus goes into the text as it opens, and back to the pencil as it closes. */
  useLayoutEffect(() => {
    if (editing !== began.current) box.current?.querySelector<HTMLElement>(editing ? "[data-input]" : "button")?.focus();
    began.current = editing;
  }, [editing]);
  const save = (): void => {
    onSave(typed ?? "").then(
      () => {
        setTyped(null);
        setFailure(null);
      },
      (thrown) => setFailure(asApiError(thrown)),
    );
  };
  const cancel = (): void => {
    setTyped(null);
    setFailure(null);
    onCancel?.();
  };
  if (typed === null) {
    return (
      <span ref={box} class="editable" data-text={name}>
        {markdown && value !== "" ? (
          <Markdown text={value} />
        ) : (
          <span class="plain-text">{value === "" ? <span class="muted">{empty}</span> : shown}</span>
        )}
        {!readOnly && (
          <button
            type="button"
            class="button plain"
            data-action={`edit-${name}`}
            aria-label={`Change ${label}`}
            title={`Change ${label}`}
            onClick={() => setTyped(value)}
          >
            ✎
          </button>
        )}
      </span>
    );
  }
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") cancel();
    if (event.key === "Enter" && (lines === "one" || event.ctrlKey || event.metaKey)) save();
  };
  const shared = { "aria-label": label, value: typed, onKeyDown: key, "data-input": name };
  return (
    <span ref={box} class="editing">
      {lines === "one" ? (
        <input type="text" {...shared} onInput={(event) => setTyped(event.currentTarget.value)} />
      ) : (
        <textarea rows={markdown ? 10 : 5} {...shared} onInput={(event) => setTyped(event.currentTarget.value)} />
      )}
      {markdown && typed.trim() !== "" && (
        <div class="card pad" data-preview={name} role="group" aria-label="How it will look">
          <Markdown text={typed} />
        </div>
      )}
      <span class="row">
        <button type="button" class="button main" data-action={`save-${name}`} onClick={save}>
          Save
        </button>
        <button type="button" class="button" onClick={cancel}>
          Cancel
        </button>
      </span>
      {failure && <Failure error={failure} />}
    </span>
  );
}
