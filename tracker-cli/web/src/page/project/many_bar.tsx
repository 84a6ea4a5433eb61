import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { clearSelection, doToMany, said, selectedRuns, undo } from "../../data/many.ts";
import type { Action } from "../../data/many.ts";
import { MOST_COMPARED, to } from "../../data/route.ts";
import { store } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { tagWords } from "../../model/selection.ts";
import { Link } from "../../part/link.tsx";
import { ReportButton } from "../../part/report_button.tsx";
import { useFocus } from "../../part/use_focus.ts";
import "./many.css";
import { keyScrolled } from "../../part/key_scrolled.ts";

/** What is asked for before something is done. */
type Asked = "tag" | "group" | "note" | "move" | "stop";

/** What can be done with the selected runs, and what came of it: over the foot of the page, so that nothing moves. */
export function ManyBar({ listed }: { listed: readonly Run[] }): JSX.Element | null {
  const chosen = selectedRuns.value;
  if (chosen.length === 0 && !said.value) return null;
  return (
    <div class="many" role="region" aria-label="Selected runs">
      {said.value && <Notice />}
      {chosen.length > 0 && <Actions chosen={chosen} listed={listed} />}
    </div>
  );
}

function Notice(): JSX.Element | null {
  const told = said.value;
  if (!told) return null;
  const { text, refused, change } = told;
  return (
    <div class={`notice ${refused.length > 0 ? "bad" : ""}`} role={refused.length > 0 ? "alert" : "status"} data-notice="many">
      <div class="grow">
        <span>{oneLine(text)}</span>
        {refused.length > 0 && (
          <ul ref={keyScrolled} class="many-refused">
            {refused.map((line) => (
              <li key={line} class="plain-text">
                {line}
              </li>
            ))}
          </ul>
        )}
      </div>
      {change && (
        <button type="button" class="button small" data-action="undo" onClick={() => void undo(change)}>
          Undo
        </button>
      )}
      <button type="button" class="button small plain" data-action="close-notice" aria-label="Close" onClick={() => (said.value = null)}>
        ×
      </button>
    </div>
  );
}

function Actions({ chosen, listed }: { chosen: readonly Run[]; listed: readonly Run[] }): JSX.Element {
  const [asked, setAsked] = useState<Asked | null>(null);
  const readOnly = store.value?.read_only === true;
  const running = chosen.filter(({ state }) => state === "running").length;
  const ids = new Set(listed.map(({ id }) => id));
  const hidden = chosen.filter(({ id }) => !ids.has(id)).length;
  const act = async (action: Action, verb: string, clear = false): Promise<void> => {
    setAsked(null);
    if ((await doToMany(chosen, action, verb)) && clear) clearSelection();
  };
  const ask = (what: Asked, text: string): JSX.Element => (
    <button
      type="button"
      class="button small"
      data-action={`many-${what}`}
      aria-expanded={asked === what}
      onClick={() => setAsked(asked === what ? null : what)}
    >
      {text}
    </button>
  );
  return (
    <div class="card many-actions">
      <div class="row wrap">
        <strong data-selected={chosen.length} role="status">
          {chosen.length} selected
        </strong>
        {hidden > 0 && <span class="muted tiny">{hidden} of them hidden by the search</span>}
        <span class="grow" />
        {!readOnly && (
          <>
            {ask("tag", "Tag…")}
            {ask("group", "Group…")}
            {ask("note", "Note…")}
            {ask("move", "Move…")}
            {running > 0 && ask("stop", `Stop ${running}…`)}
          </>
        )}
        <CompareSelected chosen={chosen} />
        <ReportButton runs={chosen} small />
        {!readOnly && (
          <button
            type="button"
            class="button small danger"
            data-action="many-delete"
            onClick={() => void act({ delete: {} }, "deleted", true)}
          >
            Delete
          </button>
        )}
        <button type="button" class="button small plain" data-action="clear-selection" aria-label="Select none" onClick={clearSelection}>
          ×
        </button>
      </div>
      {asked === "stop" && (
        <Stop count={running} onStop={(when) => void act(stopOf(when), "asked to stop")} onCancel={() => setAsked(null)} />
      )}
      {asked !== null && asked !== "stop" && (
        <Ask
          key={asked}
          what={asked}
          chosen={chosen}
          onCancel={() => setAsked(null)}
          onDone={(action, verb, clear) => void act(action, verb, clear)}
        />
      )}
    </div>
  );
}

function stopOf(when: "epoch" | "now"): Action {
  return { stop: { when, why: "asked for on the page" } };
}

function CompareSelected({ chosen }: { chosen: readonly Run[] }): JSX.Element | null {
  if (chosen.length < 2 || chosen.length > MOST_COMPARED) return null;
  return (
    <Link href={to.compare(chosen.map(({ id }) => id))} class="button small" action="many-compare">
      Compare
    </Link>
  );
}

const WORDS = {
  tag: { label: "Tags", hint: "good, -draft", action: "Tag" },
  group: { label: "Group", hint: "empty: no group", action: "Put into the group" },
  note: { label: "Notes", hint: "in the place of their notes", action: "Write" },
  move: { label: "Project", hint: "one that is there, or a new one", action: "Move" },
} as const;

interface AskProps {
  what: keyof typeof WORDS;
  chosen: readonly Run[];
  onDone(action: Action, verb: string, clear: boolean): void;
  onCancel(): void;
}

function Ask({ what, chosen, onDone, onCancel }: AskProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const input = useFocus<HTMLInputElement>();
  const { label, hint, action } = WORDS[what];
  const submit = (event: Event): void => {
    event.preventDefault();
    const done = actionOf(what, typed);
    if (done) onDone(...done);
  };
  return (
    <form class="row wrap" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onCancel()}>
      <label class="field grow">
        {label}
        <input
          ref={input}
          type="text"
          class="grow"
          data-input={`many-${what}`}
          list="many-known"
          placeholder={hint}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <datalist id="many-known">
        {known(what, chosen).map((word) => (
          <option key={word} value={word} />
        ))}
      </datalist>
      <button type="submit" class="button small main" data-action={`apply-${what}`} disabled={!actionOf(what, typed)}>
        {action}
      </button>
      <button type="button" class="button small" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}

/** What is asked of the server, how it is told, and whether the runs then leave the list; null where nothing is typed. */
function actionOf(what: AskProps["what"], typed: string): [Action, string, boolean] | null {
  const text = typed.trim();
  switch (what) {
    case "tag": {
      const { add, remove } = tagWords(typed);
      if (add.length + remove.length === 0) return null;
      return [{ edit: { add_tags: add, remove_tags: remove } }, "tagged", false];
    }
    case "group":
      return [{ edit: { group: text } }, text === "" ? "taken out of their groups" : `put into the group ${text}`, false];
    case "note":
      return [{ edit: { notes: text } }, "noted", false];
    case "move":
      return text === "" ? null : [{ move: { project: text } }, `moved to ${text}`, true];
  }
}

/** Words to choose from. */
function known(what: AskProps["what"], chosen: readonly Run[]): string[] {
  const words =
    what === "tag"
      ? chosen.flatMap(({ tags }) => tags)
      : what === "group"
        ? chosen.flatMap(({ group }) => group ?? [])
        : what === "move"
          ? (store.value?.projects ?? []).map(({ name }) => name)
          : [];
  return [...new Set(words)].sort().slice(0, 100);
}

function Stop({ count, onStop, onCancel }: { count: number; onStop(when: "epoch" | "now"): void; onCancel(): void }): JSX.Element {
  return (
    <div class="row wrap">
      <span class="grow">
        Stop {count} {count === 1 ? "run that trains" : "runs that train"}?
      </span>
      <button type="button" class="button small danger" data-action="many-stop-epoch" onClick={() => onStop("epoch")}>
        After their epoch
      </button>
      <button type="button" class="button small danger" data-action="many-stop-now" onClick={() => onStop("now")}>
        Now
      </button>
      <button type="button" class="button small" onClick={onCancel}>
        Go on
      </button>
    </div>
  );
}
