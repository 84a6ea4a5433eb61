import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../data/api.ts";
import { navigate, open, route, to } from "../data/route.ts";
import { runs, store } from "../data/state.ts";
import { toggleTheme } from "../data/theme.ts";
import type { Run } from "../data/types.ts";
import { best } from "../model/palette_match.ts";
import { oneLine } from "../model/safe_text.ts";
import { defaultView } from "../model/url_state.ts";
import { closeDialog } from "./dialogs.tsx";

interface Entry {
  key: string;
  title: string;
  kind: string;
  run(): void;
}

const MOST = 50;

/** Everything that can be gone to or done, by a few letters of its name. */
export function Palette(): JSX.Element {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const entries = best(useEntries(), typed, MOST);
  const chosen = Math.min(at, Math.max(entries.length - 1, 0));
  const act = (entry: Entry | undefined): void => {
    closeDialog();
    entry?.run();
  };
  const key = (event: KeyboardEvent): void => {
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (move !== 0) setAt(Math.min(Math.max(chosen + move, 0), entries.length - 1));
    else if (event.key === "Enter") act(entries[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <div class="palette">
      <input type="text" aria-label="Go to" placeholder="A project, a run or an action" autoFocus value={typed} onKeyDown={key}
        onInput={(event) => { setTyped(event.currentTarget.value); setAt(0); }} />
      <ul role="listbox" aria-label="Places and actions">
        {entries.map((entry, index) => <Choice key={entry.key} entry={entry} selected={index === chosen} onChoose={() => act(entry)} />)}
        {entries.length === 0 && <li class="muted">Nothing has these letters. Runs are found by name, project and id.</li>}
      </ul>
    </div>
  );
}

function Choice({ entry, selected, onChoose }: { entry: Entry; selected: boolean; onChoose(): void }): JSX.Element {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) item.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <li ref={item} role="option" aria-selected={selected} onClick={onChoose}>
      <span class="clip grow">{oneLine(entry.title)}</span>
      <span class="muted tiny">{entry.kind}</span>
    </li>
  );
}

/** The runs of all projects are asked for when the palette opens; until they are there, those of this page stand in. */
function useEntries(): Entry[] {
  const [all, setAll] = useState<readonly Run[]>(runs.value ?? []);
  useEffect(() => {
    api.runs(null).then(({ runs: fetched }) => setAll(fetched), () => undefined);
  }, []);
  const projects = (store.value?.projects ?? []).map(({ name }) => ({ key: `p/${name}`, title: name, kind: "project", run: () => open(to.project(name)) }));
  const places = all.map((run) => ({ key: run.id, title: `${run.name} ${run.short_id}`, kind: `run in ${oneLine(run.project)}`, run: () => open(to.run(run.id)) }));
  return [...actions(), ...projects, ...places];
}

function actions(): Entry[] {
  const list: Entry[] = [
    { key: "a/home", title: "All projects", kind: "page", run: () => open(to.home()) },
    { key: "a/theme", title: "Switch between dark and light", kind: "action", run: toggleTheme },
  ];
  const here = route.value;
  if (here.page === "project") {
    list.push({ key: "a/reset", title: "Show this project as at first", kind: "action", run: () => navigate({ ...here, view: defaultView() }) });
  }
  return list;
}
