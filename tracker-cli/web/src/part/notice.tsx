import type { ComponentChildren, JSX } from "preact";
import type { ApiError } from "../data/api.ts";

/** What went wrong and what to do; the page below it stays. */
export function Failure({ error, onRetry }: { error: ApiError; onRetry?(): void }): JSX.Element {
  return (
    <div class="notice bad" role="alert" data-notice="failure">
      <span class="grow plain-text">
        {error.message}
        {error.hint && <span class="muted"> — {error.hint}</span>}
      </span>
      {onRetry && (
        <button type="button" class="button" data-action="retry" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What the server could not read. Each is said once. */
export function Warnings({ warnings }: { warnings: readonly string[] }): JSX.Element | null {
  const once = [...new Set(warnings)];
  const [first] = once;
  if (first === undefined) return null;
  if (once.length === 1)
    return (
      <div class="notice warn plain-text" data-notice="warning">
        {first}
      </div>
    );
  return (
    <details class="notice warn" data-notice="warning">
      <summary>{once.length} things could not be read whole</summary>
      <ul>
        {once.slice(0, 100).map((warning) => (
          <li key={warning} class="plain-text">
            {warning}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** An empty place that says what to do next; `heading` where it is all that the page shows. */
export function Empty({
  title,
  heading = false,
  children,
}: {
  title: string;
  heading?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty" data-notice="empty">
      {heading ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}

/** Words while something is fetched. */
export function Loading({ what }: { what: string }): JSX.Element {
  return (
    <p class="loading muted" role="status">
      Loading {what}…
    </p>
  );
}
