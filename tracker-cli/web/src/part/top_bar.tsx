import type { JSX } from "preact";
import { connection } from "../data/live.ts";
import { to } from "../data/route.ts";
import { dark, toggleTheme } from "../data/theme.ts";
import { oneLine } from "../model/safe_text.ts";
import { dialog } from "./dialogs.tsx";
import { Link } from "./link.tsx";

/** The way from the store to this page. The last one is where the reader is. */
export interface Crumb {
  text: string;
  href?: string;
}

const SAID = { connecting: "connecting", live: "live", lost: "server lost, trying again", paused: "paused" } as const;

export function TopBar({ crumbs }: { crumbs: readonly Crumb[] }): JSX.Element {
  return (
    <header class="top">
      <Link href={to.home()} class="brand" title="All projects"><img src="/favicon.svg" alt="" />tracker</Link>
      {crumbs.map(({ text, href }) => (
        <>
          <span class="slash">/</span>
          {href ? <Link href={href} class="crumb clip">{oneLine(text)}</Link> : <span class="crumb clip" title={oneLine(text)}>{oneLine(text)}</span>}
        </>
      ))}
      <span class="grow" />
      <span class="live" data-connection={connection.value} role="status">{SAID[connection.value]}</span>
      <button type="button" class="button" data-action="palette" onClick={() => (dialog.value = "palette")}>Go to… <kbd>Ctrl K</kbd></button>
      <button type="button" class="button plain" data-action="theme" title={dark.value ? "Light" : "Dark"} aria-label="Switch between dark and light" onClick={toggleTheme}>{dark.value ? "☀" : "☾"}</button>
      <button type="button" class="button plain" data-action="help" title="Keys (?)" aria-label="Keys" onClick={() => (dialog.value = "help")}>?</button>
    </header>
  );
}
