import type { JSX } from "preact";
import { connection } from "../data/live.ts";
import { to } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import { store } from "../data/state.ts";
import { dark, toggleTheme } from "../data/theme.ts";
import { oneLine } from "../model/safe_text.ts";
import { dialog } from "./dialogs.tsx";
import { Link } from "./link.tsx";

/** The way from the store to this page. The last one is where the reader is. */
export interface Crumb {
  text: string;
  href?: string;
  /** It is the heading of the page, which has no other. */
  heading?: boolean;
}

const SAID = { connecting: "connecting", live: "live", lost: "server lost, trying again", paused: "paused", saved: "a report" } as const;

export function TopBar({ crumbs }: { crumbs: readonly Crumb[] }): JSX.Element {
  return (
    <header class="top">
      <button type="button" class="button skip" onClick={skip}>
        Skip to the content
      </button>
      <nav class="row" aria-label="Where you are">
        <Link href={to.home()} class="brand" title="All projects">
          <Mark />
          tracker
        </Link>
        {saved?.title && (
          <>
            <Slash />
            <strong class="clip">{oneLine(saved.title)}</strong>
          </>
        )}
        {crumbs.map((crumb) => (
          <>
            <Slash />
            <Place {...crumb} />
          </>
        ))}
      </nav>
      <span class="grow" />
      {!saved && store.value?.read_only && (
        <span class="tag" data-notice="read-only" title={store.value.read_only_because ?? undefined}>
          read-only
        </span>
      )}
      <span class="live" data-connection={connection.value} role="status">
        {saved ? `a report of ${saved.made_at.slice(0, 10)}` : SAID[connection.value]}
      </span>
      <button type="button" class="button go" data-action="palette" onClick={() => (dialog.value = "palette")}>
        Go to… <kbd>Ctrl K</kbd>
      </button>
      <button
        type="button"
        class="button plain"
        data-action="theme"
        title={`${dark.value ? "Light" : "Dark"} (t)`}
        aria-label="Switch between dark and light"
        onClick={toggleTheme}
      >
        {dark.value ? "☀" : "☾"}
      </button>
      <button
        type="button"
        class="button plain"
        data-action="help"
        title="Keys and search (?)"
        aria-label="Keys and search"
        onClick={() => (dialog.value = "help")}
      >
        ?
      </button>
    </header>
  );
}

function Place({ text, href, heading }: Crumb): JSX.Element {
  const shown = oneLine(text);
  if (href)
    return (
      <Link href={href} class="crumb clip">
        {shown}
      </Link>
    );
  return heading ? (
    <h1 class="crumb clip" title={shown}>
      {shown}
    </h1>
  ) : (
    <span class="crumb clip" title={shown} aria-current="page">
      {shown}
    </span>
  );
}

function Slash(): JSX.Element {
  return (
    <span class="slash" aria-hidden="true">
      /
    </span>
  );
}

/** Past the list of runs, to what is shown of them. */
function skip(): void {
  const content = document.querySelector<HTMLElement>(".stage") ?? document.querySelector("main");
  if (!content) return;
  content.tabIndex = -1;
  content.focus();
}

function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="4" />
      <path d="M3 4c2 0 2.5 7 5 7s3-3 5-3" />
    </svg>
  );
}
