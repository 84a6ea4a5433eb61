import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Change } from "../model/code.ts";
import type { DiffLine, Hunk } from "../model/diff.ts";
import { codeLine, oneLine } from "../model/safe_text.ts";
import "./diff.css";

/** More lines of a file come when they are asked for. */
const MOST_LINES = 1000;
const OPEN_LINES = 60;

/** One changed file, folded where it is long. Signs tell what colours tell. */
export function ChangedFile({
  change,
  open,
  shared = NONE,
  children,
}: {
  change: Change;
  open: boolean;
  shared?: ReadonlySet<Hunk>;
  children?: ComponentChildren;
}): JSX.Element {
  const { diff } = change;
  const lines = diff ? diff.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0) : 0;
  const [isOpen, setOpen] = useState(open && lines <= OPEN_LINES);
  const head = (
    <>
      <span class="mono change-path">{oneLine(change.path)}</span>
      {change.from && <span class="muted mono">from {oneLine(change.from)}</span>}
      <span class="change-status">{change.status}</span>
      {diff && !diff.binary && (
        <span class="mono">
          <span class="diff-added">+{diff.added}</span> <span class="diff-removed">−{diff.removed}</span>
        </span>
      )}
      {children}
    </>
  );
  if (lines === 0)
    return (
      <div class="change change-flat" data-change={change.path}>
        {head}
        <span class="muted">{withoutText(change)}</span>
      </div>
    );
  return (
    <details class="change" data-change={change.path} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{head}</summary>
      {isOpen && diff && <Lines hunks={diff.hunks} of={lines} shared={shared} />}
    </details>
  );
}

const NONE: ReadonlySet<Hunk> = new Set();

function withoutText({ status, diff }: Change): string {
  if (status === "untracked") return "git does not track it, so its contents are not recorded";
  if (diff?.binary) return "its contents are no text";
  return diff ? "its contents are the same" : "what was changed is not here";
}

function Lines({ hunks, of, shared }: { hunks: readonly Hunk[]; of: number; shared: ReadonlySet<Hunk> }): JSX.Element {
  const [most, setMost] = useState(MOST_LINES);
  let left = most;
  return (
    <>
      <div class="diff-box" tabIndex={0} role="group" aria-label="What was changed">
        <pre class="diff">
          {hunks.map((hunk, at) => {
            const shown = hunk.lines.slice(0, Math.max(left, 0));
            left -= hunk.lines.length;
            if (shown.length === 0) return null;
            return (
              <span key={at} class="diff-hunk" data-shared={shared.has(hunk)}>
                {shared.has(hunk) && <span class="diff-line diff-note">These lines are as in the first run:{"\n"}</span>}
                {shown.map((line, place) => (
                  <Line key={place} line={line} />
                ))}
              </span>
            );
          })}
        </pre>
      </div>
      {of > most && (
        <button type="button" class="button" onClick={() => setMost(of)}>
          Show all {of} lines
        </button>
      )}
    </>
  );
}

function Line({ line }: { line: DiffLine }): JSX.Element {
  return (
    <span class={`diff-line diff-${line.kind}`}>
      {codeLine(line.text)}
      {"\n"}
    </span>
  );
}
