import type { JSX } from "preact";
import { connection } from "../data/live.ts";
import { to } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import { dark, toggleTheme } from "../data/theme.ts";
import { oneLine } from "../model/safe_text.ts";
import { dialog } from "./dialogs.tsx";
import { Link } from "./link.tsx";

/** The way from the store to this page. The last one is where the reader is. */
export interface Crumb {
  text: string;
  href?: string;
}

const SAID = { connecting: "connecting", live: "live", lost: "server lost, trying again", paused: "paused", saved: "a report" } as const;

export function TopBar({ crumbs }: { crumbs: readonly Crumb[] }): JSX.Element {
  return (
    <header class="top">
      <Link href={to.home()} class="brand" title="All projects"><Mark />tracker</Link>
      {saved?.title && <><span class="slash">/</span><strong class="clip">{oneLine(saved.title)}</strong></>}
      {crumbs.map(({ text, href }) => (
        <>
          <span class="slash">/</span>
          {href ? <Link href={href} class="crumb clip">{oneLine(text)}</Link> : <span class="crumb clip" title={oneLine(text)}>{oneLine(text)}</span>}
        </>
      ))}
      <span class="grow" />
      <span class="live" data-connection={connection.value} role="status">{saved ? `a report of ${saved.made_at.slice(0, 10)}` : SAID[connection.value]}</span>
      <button type="button" class="button" data-action="palette" onClick={() => (dialog.value = "palette")}>Go to… <kbd>Ctrl K</kbd></button>
      <button type="button" class="button plain" data-action="theme" title={dark.value ? "Light" : "Dark"} aria-label="Switch between dark and light" onClick={toggleTheme}>{dark.value ? "☀" : "☾"}</button>
      <button type="button" class="button plain" data-action="help" title="Keys (?)" aria-label="Keys" onClick={() => (dialog.value = "help")}>?</button>
    </header>
  );
}

function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="4" />
      <path d="M3 4c2 0 2.5 7 5 7s3-3 5-3" />
    </svg>
  );
}
