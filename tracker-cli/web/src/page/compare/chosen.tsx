import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { navigate, setView, view } from "../../data/route.ts";
import { definitions, runs } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { columnsOf, titleOf } from "../../model/column.ts";
import { best } from "../../model/palette_match.ts";
import { oneLine } from "../../model/safe_text.ts";
import { RunName } from "../../part/run_name.tsx";
import { StateMark } from "../../part/state_mark.tsx";

interface ChosenProps {
  ids: readonly string[];
  chosen: readonly Run[];
  colors: ReadonlyMap<string, string>;
}

/** The compared runs: each can be taken out, and others added. */
export function Chosen({ ids, chosen, colors }: ChosenProps): JSX.Element {
  const go = (next: string[]): void => navigate({ page: "compare", runs: next, view: view.value });
  const projects = new Set(chosen.map((run) => run.project)).size > 1;
  return (
    <div class="row wrap chosen" aria-label="Compared runs">
      {chosen.map((run, at) => (
        <span key={run.id} class="card chip" data-run={run.id}>
          <span class="swatch filled" style={{ color: colors.get(run.id) ?? "currentColor" }} />
          <RunName run={run} class="clip chip-name" />
          {projects && <span class="muted tiny">{oneLine(run.project)}</span>}
          {at === 0 && chosen.length > 1 && <span class="tag" title="The others are measured by this one">baseline</span>}
          <StateMark state={run.state} message={run.message} />
          <button type="button" class="tag-remove" data-action="remove-run" aria-label={`Take ${oneLine(run.name)} out`} onClick={() => go(ids.filter((id) => id !== run.id))}>×</button>
        </span>
      ))}
      <AddRun ids={ids} onAdd={(id) => go([...ids, id])} />
      <span class="grow" />
      <GroupBy chosen={chosen} />
    </div>
  );
}

function AddRun({ ids, onAdd }: { ids: readonly string[]; onAdd(id: string): void }): JSX.Element {
  const [typed, setTyped] = useState<string | null>(null);
  if (typed === null) return <button type="button" class="button" data-action="add-run" onClick={() => setTyped("")}>+ Add a run</button>;
  const here = new Set(ids);
  const offered = (runs.value ?? []).filter((run) => !here.has(run.id)).map((run) => ({ run, title: `${run.name} ${run.project} ${run.short_id}` }));
  const found = best(offered, typed, 20);
  const add = (run: Run): void => { setTyped(null); onAdd(run.id); };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") setTyped(null);
    const first = found[0];
    if (event.key === "Enter" && first) add(first.run);
  };
  return (
    <span class="adder">
      <input type="text" autoFocus aria-label="Add a run" placeholder="Name, project or id" value={typed} onKeyDown={key} onInput={(event) => setTyped(event.currentTarget.value)} />
      <ul class="card adder-list" role="listbox" aria-label="Runs">
        {found.map(({ run }) => (
          <li key={run.id} role="option" aria-selected={false}><button type="button" class="button plain" onClick={() => add(run)}><span class="clip">{oneLine(run.name)}</span><span class="muted tiny">{oneLine(run.project)} · {run.short_id}</span></button></li>
        ))}
        {found.length === 0 && <li class="muted pad">No other run has these letters.</li>}
      </ul>
    </span>
  );
}

function GroupBy({ chosen }: { chosen: readonly Run[] }): JSX.Element {
  const columns = ["group", "tag", "project", ...columnsOf(chosen, definitions.value).filter((column) => column.startsWith("config:"))];
  return (
    <label class="field">group by
      <select data-action="group-by" value={view.value.groupBy} onChange={(event) => setView({ groupBy: event.currentTarget.value, grouped: event.currentTarget.value !== "" })}>
        <option value="">no groups</option>
        {columns.map((column) => <option key={column} value={column}>{oneLine(titleOf(column))}</option>)}
      </select>
    </label>
  );
}
