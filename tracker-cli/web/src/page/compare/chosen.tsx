import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { navigate, setView, view } from "../../data/route.ts";
import { definitions, runs } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { columnsOf } from "../../model/column.ts";
import { oneLine } from "../../model/safe_text.ts";
import { shortNames } from "../../model/short_names.ts";
import { Chooser } from "../../part/chooser.tsx";
import { ColumnOptions } from "../../part/column_options.tsx";
import { RunName } from "../../part/run_name.tsx";
import { StateMark } from "../../part/state_mark.tsx";
import type { Looks } from "../../model/palette.ts";
import { Swatch } from "../../part/swatch.tsx";

interface ChosenProps {
  ids: readonly string[];
  chosen: readonly Run[];
  looks: Looks;
}

/** More names fill the screen before anything is compared. */
const MOST_NAMED = 50;

/** The compared runs: each can be taken out, and others added. */
export function Chosen({ ids, chosen, looks }: ChosenProps): JSX.Element {
  const go = (next: string[]): void => navigate({ page: "compare", runs: next, view: view.value });
  const projects = new Set(chosen.map((run) => run.project)).size > 1;
  const short = shortNames(chosen.map((run) => run.name));
  return (
    <div class="row wrap chosen" role="group" aria-label="Compared runs">
      {chosen.slice(0, MOST_NAMED).map((run, at) => (
        <span key={run.id} class="card chip" data-run={run.id}>
          <Swatch look={looks.get(run.id)} />
          <RunName run={run} short={short.get(run.name)} class="chip-name" />
          {projects && <span class="muted tiny">{oneLine(run.project)}</span>}
          {at === 0 && chosen.length > 1 && (
            <span class="tag" title="The others are measured by this one">
              baseline
            </span>
          )}
          {at > 0 && (
            <button
              type="button"
              class="link only"
              data-action="baseline"
              title="Measure the others by this run"
              aria-label={`Baseline: measure the others by ${oneLine(run.name)}`}
              onClick={() => go([run.id, ...ids.filter((id) => id !== run.id)])}
            >
              baseline
            </button>
          )}
          <StateMark run={run} />
          <button
            type="button"
            class="tag-remove"
            data-action="remove-run"
            aria-label={`Take ${oneLine(run.name)} out`}
            onClick={() => go(ids.filter((id) => id !== run.id))}
          >
            ×
          </button>
        </span>
      ))}
      {chosen.length > MOST_NAMED && <span class="muted">and {chosen.length - MOST_NAMED} more</span>}
      <AddRun ids={ids} onAdd={(id) => go([...ids, id])} />
      <span class="grow" />
      <GroupBy chosen={chosen} />
    </div>
  );
}

function AddRun({ ids, onAdd }: { ids: readonly string[]; onAdd(id: string): void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const cancel = (): void => {
    setOpen(false);
    requestAnimationFrame(() => button.current?.focus());
  };
  if (!open)
    return (
      <button ref={button} type="button" class="button" data-action="add-run" onClick={() => setOpen(true)}>
        + Add a run
      </button>
    );
  const here = new Set(ids);
  const offered = (runs.value ?? [])
    .filter((run) => !here.has(run.id))
    .map((run) => ({
      key: run.id,
      title: run.name,
      note: `${run.project} · ${run.short_id}`,
      choose: () => {
        setOpen(false);
        onAdd(run.id);
      },
    }));
  return (
    <span class="adder">
      <Chooser
        label="Add a run"
        placeholder="Name, project or id"
        choices={offered}
        most={20}
        none="No other run has these letters."
        class="card adder-list"
        onEscape={cancel}
      />
    </span>
  );
}

function GroupBy({ chosen }: { chosen: readonly Run[] }): JSX.Element {
  const columns = ["group", "tag", "project", ...columnsOf(chosen, definitions.value).filter((column) => column.startsWith("config:"))];
  return (
    <label class="field">
      group by
      <select
        data-action="group-by"
        value={view.value.groupBy}
        onChange={(event) => setView({ groupBy: event.currentTarget.value, grouped: event.currentTarget.value !== "" })}
      >
        <option value="">no groups</option>
        <ColumnOptions columns={columns} />
      </select>
    </label>
  );
}
