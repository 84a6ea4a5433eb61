import type { JSX } from "preact";
import { setView } from "../data/route.ts";

export interface Tab {
  id: string;
  title: string;
  /** A count or another small word beside the title. */
  note?: string | number | null;
}

/** The tabs of a page. Which one is open stands in the address; the first is the usual one. */
export function Tabs({ tabs, current, label }: { tabs: readonly Tab[]; current: string; label: string }): JSX.Element {
  const open = (id: string): void => setView({ tab: id === tabs[0]?.id ? "" : id });
  return (
    <div class="tabs" role="tablist" aria-label={label}>
      {tabs.map(({ id, title, note }) => (
        <button key={id} type="button" role="tab" class="button" data-tab={id} aria-selected={id === current} onClick={() => open(id)}>
          {title}{note !== undefined && note !== null && <span class="muted tiny">{note}</span>}
        </button>
      ))}
    </div>
  );
}

/** The tab that the address asks for, or the first. */
export function currentTab(tabs: readonly Tab[], asked: string): string {
  return tabs.some(({ id }) => id === asked) ? asked : (tabs[0]?.id ?? "");
}
