import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../data/api.ts";
import { keepView } from "../data/kept_view.ts";
import { navigate, open, route, to } from "../data/route.ts";
import { runs, store } from "../data/state.ts";
import { toggleTheme } from "../data/theme.ts";
import type { Run } from "../data/types.ts";
import { defaultView } from "../model/url_state.ts";
import type { Route } from "../model/url_state.ts";
import { Chooser } from "./chooser.tsx";
import type { Choice } from "./chooser.tsx";
import { closeDialog, dialog } from "./dialogs.tsx";

const MOST = 50;

/** Everything that can be gone to or done, by a few letters of its name. */
export function Palette(): JSX.Element {
  return (
    <div class="palette">
      <Chooser
        label="Go to"
        placeholder="A project, a run or an action"
        choices={useChoices()}
        most={MOST}
        none="Nothing has these letters. Runs are found by name, project and id."
      />
    </div>
  );
}

/** The runs of all projects are asked for when the palette opens; until they are there, those of this page stand in. */
function useChoices(): Choice[] {
  const [all, setAll] = useState<readonly Run[]>(runs.value ?? []);
  useEffect(() => {
    api.runs(null).then(
      ({ runs: fetched }) => setAll(fetched),
      () => undefined,
    );
  }, []);
  const projects = (store.value?.projects ?? []).map(({ name }) => choice(`p/${name}`, name, "project", () => open(to.project(name))));
  const places = all.map((run) => choice(run.id, run.name, `${run.project} · ${run.short_id}`, () => open(to.run(run.id))));
  return [...actions(), ...projects, ...places];
}

function actions(): Choice[] {
  const here = route.value;
  return [
    choice("a/home", "All projects", "page", () => open(to.home())),
    choice("a/theme", "Switch between dark and light", "action", toggleTheme),
    choice("a/help", "Show keys and how to search", "action", () => (dialog.value = "help")),
    ...(here.page === "project" ? [choice("a/reset", "Reset the view of this project", "action", () => reset(here))] : []),
  ];
}

function reset(here: Extract<Route, { page: "project" }>): void {
  keepView(here.project, defaultView());
  navigate({ ...here, view: defaultView() });
}

function choice(key: string, title: string, note: string, act: () => void): Choice {
  return {
    key,
    title,
    note,
    choose: () => {
      closeDialog();
      act();
    },
  };
}
