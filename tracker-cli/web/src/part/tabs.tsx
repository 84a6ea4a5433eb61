import type { ComponentChildren, JSX } from "preact";
import { setView } from "../data/route.ts";

export interface Tab {
  id: string;
  title: string;
  /** A count or another small word beside the title. */
  note?: string | number | null;
}

/** The tabs of a page. Which one is open stands in the address; the first is the usual one. */
export function Tabs({ tabs, current, label }: { tabs: readonly Tab[]; current: string; label: string }): JSX.Element {
  const open = (id: string, how: "push" | "replace"): void => setView({ tab: id === tabs[0]?.id ? "" : id }, how);
  /** As the pattern of tabs asks: one stop of the Tab key, and arrow keys between them. */
  const key = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    const id = neighbour(tabs, current, event.key);
    if (id === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${id}"]`)?.focus();
    open(id, "replace");
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={key}>
      {tabs.map(({ id, title, note }) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          class="button"
          data-tab={id}
          aria-selected={id === current}
          aria-controls="tab-panel"
          tabIndex={id === current ? 0 : -1}
          onClick={() => open(id, "push")}
        >
          {title}
          {note !== undefined && note !== null && <span class="muted tiny">{note}</span>}
        </button>
      ))}
    </div>
  );
}

/** What the open tab shows. */
export function TabPanel({ current, children }: { current: string; children: ComponentChildren }): JSX.Element {
  return (
    <div id="tab-panel" class="tab-panel" role="tabpanel" aria-labelledby={`tab-${current}`}>
      {children}
    </div>
  );
}

/** The tab that a key leads to; the last is beside the first. */
function neighbour(tabs: readonly Tab[], current: string, key: string): string | undefined {
  const at = tabs.findIndex(({ id }) => id === current);
  switch (key) {
    case "ArrowRight":
      return tabs[(at + 1) % tabs.length]?.id;
    case "ArrowLeft":
      return tabs[(at - 1 + tabs.length) % tabs.length]?.id;
    case "Home":
      return tabs[0]?.id;
    case "End":
      return tabs[tabs.length - 1]?.id;
    default:
      return undefined;
  }
}

/** The tab that the address asks for, or the first. */
export function currentTab(tabs: readonly Tab[], asked: string): string {
  return tabs.some(({ id }) => id === asked) ? asked : (tabs[0]?.id ?? "");
}
