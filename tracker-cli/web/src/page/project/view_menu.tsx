import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import { view } from "../../data/route.ts";
import { saved } from "../../data/saved.ts";
import { store } from "../../data/state.ts";
import {
  current,
  listViews,
  loadView,
  overwriteView,
  removeView,
  renameView,
  restoreView,
  saveView,
  viewNotes,
  views,
} from "../../data/views.ts";
import type { Current } from "../../data/views.ts";
import { oneLine } from "../../model/safe_text.ts";
import { viewWord } from "../../model/saved_view.ts";
import { Failure } from "../../part/notice.tsx";
import { useClosing } from "../../part/use_closing.ts";

/** What was done last, and how to take it back. */
type Told = { text: string; undo?: () => void } | null;

/** Does something and tells how it went. The name is that of a view that may be shown or replaced where another one has changed it. */
type Act = (name: string, work: Promise<unknown>, done: Told) => void;

/** The saved views of the project: to show one, to save what is shown, and to take it along as a file. */
export function ViewMenu({ project, onExport }: { project: string; onExport(): Promise<void> }): JSX.Element | null {
  const details = useClosing();
  const [failed, setFailed] = useState<{ name: string; error: ApiError } | null>(null);
  const [told, setTold] = useState<Told>(null);
  const now = current.value;
  const changed = now !== null && viewWord(view.value) !== now.word;
  const act: Act = (name, work, done) => {
    setFailed(null);
    setTold(null);
    work.then(
      () => setTold(done),
      (thrown) => setFailed({ name, error: asApiError(thrown) }),
    );
  };
  const open = (): void => {
    if (details.current?.open) act("", listViews(project), null);
  };
  if (saved) return null;
  return (
    <details ref={details} class="picker views" onToggle={open} data-view={now?.name} data-changed={changed}>
      <summary class="button" data-action="views" title={changed ? "The page differs from the saved view" : "Saved views"}>
        {now ? <span class="clip">View: {oneLine(now.name)}</span> : "Views"}
        {changed && (
          <span>
            •<span class="visually-hidden">changed</span>
          </span>
        )}
      </summary>
      <div class="picker-box card">
        <ViewList onChoose={(name) => act(name, loadView(project, name), null)} />
        <SaveForm project={project} now={now} changed={changed} act={act} />
        <button
          type="button"
          class="button"
          data-action="export-view"
          onClick={() => act("", onExport(), { text: "Saved as report.html" })}
        >
          Export this view
        </button>
        {failed && <Failure error={failed.error} />}
        {failed?.error.status === 409 && failed.name !== "" && (
          <span class="row">
            <button
              type="button"
              class="button small"
              data-action="load-theirs"
              onClick={() => act(failed.name, loadView(project, failed.name), null)}
            >
              Show what it is now
            </button>
            <button
              type="button"
              class="button small"
              data-action="replace-theirs"
              onClick={() => act(failed.name, overwriteView(project, failed.name), { text: `Replaced “${failed.name}”` })}
            >
              Replace it
            </button>
          </span>
        )}
        <p class="tiny muted" role="status">
          {told?.text}{" "}
          {told?.undo && (
            <button type="button" class="link" data-action="undo-delete" onClick={told.undo}>
              Undo
            </button>
          )}
        </p>
      </div>
    </details>
  );
}

function ViewList({ onChoose }: { onChoose(name: string): void }): JSX.Element {
  if (views.value.length === 0) return <p class="tiny muted">No view is saved yet. A view is all that this page shows.</p>;
  return (
    <ul>
      {views.value.map(({ name, problem }) => (
        <li key={name}>
          {problem === null ? (
            <button
              type="button"
              class="link"
              data-load-view={name}
              aria-current={current.value?.name === name ? "true" : undefined}
              onClick={() => onChoose(name)}
            >
              {oneLine(name)}
            </button>
          ) : (
            <span class="tiny bad-text plain-text" data-problem-of={name}>
              {problem}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

interface SaveFormProps {
  project: string;
  now: Current | null;
  changed: boolean;
  act: Act;
}

/** A name and what to do with it; without one, what is shown takes the place of the view that is open. */
function SaveForm({ project, now, changed, act }: SaveFormProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const name = typed.trim();
  useEffect(() => setTyped(""), [now?.name, now?.revision]);
  const readOnly = store.value?.read_only ?? false;
  if (readOnly) return <p class="tiny muted">No view can be saved: {store.value?.read_only_because ?? "the store is only read"}.</p>;
  const save = (event: Event): void => {
    event.preventDefault();
    if (name !== "") act(name, saveView(project, name, null), { text: `Saved “${name}”` });
  };
  const remove = (gone: Current): void =>
    act("", removeView(project, gone), {
      text: `Deleted “${gone.name}”.`,
      undo: () => act("", restoreView(project, gone), { text: `“${gone.name}” is back` }),
    });
  return (
    <form class="view-form" onSubmit={save}>
      {now && (
        <span class="row wrap">
          <button
            type="button"
            class="button small"
            data-action="update-view"
            disabled={!changed}
            onClick={() => act(now.name, saveView(project, now.name, now.revision, now.shown), { text: `Updated “${now.name}”` })}
          >
            Update “{oneLine(now.name)}”
          </button>
          <button type="button" class="button small" data-action="delete-view" onClick={() => remove(now)}>
            Delete it
          </button>
        </span>
      )}
      <span class="row">
        <input
          type="text"
          class="grow"
          data-input="view-name"
          aria-label="Name of the view"
          placeholder="A name, such as losses"
          maxLength={100}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="button small" data-action="save-view" disabled={name === ""}>
          Save view
        </button>
        {now && (
          <button
            type="button"
            class="button small"
            data-action="rename-view"
            disabled={name === ""}
            title={`Gives “${now.name}” the name that stands here`}
            onClick={() => act("", renameView(project, now, name), { text: `It is called “${name}” now` })}
          >
            Rename
          </button>
        )}
      </span>
    </form>
  );
}

/** What of the loaded view this page does not understand. */
export function ViewNotes(): JSX.Element | null {
  if (viewNotes.value.length === 0) return null;
  return (
    <div class="notice warn" data-notice="view">
      <ul class="grow">
        {viewNotes.value.map((note) => (
          <li key={note} class="plain-text">
            {note}
          </li>
        ))}
      </ul>
      <button type="button" class="button small" onClick={() => (viewNotes.value = [])}>
        Dismiss
      </button>
    </div>
  );
}
