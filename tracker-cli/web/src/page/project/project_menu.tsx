import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../data/api.ts";
import { said, saying, undo } from "../../data/many.ts";
import { navigate, setView, view } from "../../data/route.ts";
import { saved } from "../../data/saved.ts";
import { store } from "../../data/state.ts";
import type { Change } from "../../data/types.ts";
import { formatAge } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { useClosing } from "../../part/use_closing.ts";
import { useFocus } from "../../part/use_focus.ts";
import "./many.css";

/** Whether the notes are being written that are not there yet. */
export const notesBegun = signal(false);

/** More are not offered to be taken back. */
const MOST_CHANGES = 5;

/** What can be done with a project: another name, its notes, and taking back what was done last. */
export function ProjectMenu({ name }: { name: string }): JSX.Element | null {
  const details = useClosing();
  const [renaming, setRenaming] = useState(false);
  const [changes, setChanges] = useState<Change[] | null>(null);
  if (saved || store.value?.read_only !== false) return null;
  const opened = (): void => {
    setRenaming(false);
    setChanges(null);
    if (details.current?.open)
      api.changes().then(
        ({ changes }) => setChanges(changes),
        () => setChanges([]),
      );
  };
  const close = (): void => {
    if (details.current) details.current.open = false;
  };
  const write = (): void => {
    close();
    notesBegun.value = true;
    setView({ tab: "table" });
  };
  const takeBack = (change: Change): void => {
    close();
    void undo(change);
  };
  return (
    <details ref={details} class="picker project-menu" onToggle={opened}>
      <summary class="button small" data-action="project-menu" aria-label="This project: rename, notes, undo">
        Project ▾
      </summary>
      <div class="picker-box card">
        {renaming ? (
          <Rename name={name} onDone={close} />
        ) : (
          <button type="button" class="button small" data-action="rename-project" onClick={() => setRenaming(true)}>
            Rename…
          </button>
        )}
        <button type="button" class="button small" data-action="project-notes" onClick={write}>
          Notes…
        </button>
        {changes?.length === 0 && <span class="muted tiny">Nothing can be taken back.</span>}
        {changes?.slice(0, MOST_CHANGES).map((change) => (
          <button
            key={change.id}
            type="button"
            class="button small"
            data-action="undo-change"
            title={`by ${oneLine(change.by)}`}
            onClick={() => takeBack(change)}
          >
            <span class="clip">Undo: {oneLine(change.text)}</span>
            <span class="muted tiny">{formatAge(change.time, Date.now())} ago</span>
          </button>
        ))}
      </div>
    </details>
  );
}

function Rename({ name, onDone }: { name: string; onDone(): void }): JSX.Element {
  const [typed, setTyped] = useState(name);
  const input = useFocus<HTMLInputElement>();
  const submit = (event: Event): void => {
    event.preventDefault();
    const next = typed.trim();
    if (next === "" || next === name) return onDone();
    void saying(`renamed to ${next}`, () => api.renameProject(name, next), true).then(() => {
      if (said.value?.change) navigate({ page: "project", project: next, view: view.value });
      else onDone();
    });
  };
  return (
    <form class="row" onSubmit={submit}>
      <input
        ref={input}
        type="text"
        class="grow"
        data-input="project-name"
        aria-label="The name of the project"
        value={typed}
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit" class="button small main" data-action="save-project-name">
        Rename
      </button>
    </form>
  );
}
