import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { setView, to, view } from "../../data/route.ts";
import type { StudyTrial } from "../../data/types.ts";
import { formatDuration, formatNumber } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { paramText, secondsOf, sorted, valueOfTrial } from "../../model/study.ts";
import type { Study } from "../../model/study.ts";
import { keyScrolled } from "../../part/key_scrolled.ts";
import { Link } from "../../part/link.tsx";
import { RowPages } from "../../part/row_pages.tsx";
import type { ShownStudy } from "./card.tsx";
import { litTrial } from "./use_study.ts";

const PAGE = 50;

interface Column {
  id: string;
  title: string;
  number: boolean;
}

function columnsOf(study: Study): Column[] {
  return [
    { id: "number", title: "trial", number: false },
    { id: "state", title: "state", number: false },
    ...study.metrics.map(({ name }, place) => ({ id: `value:${place}`, title: oneLine(name), number: true })),
    ...study.parameters.map(({ name, kind }) => ({ id: `param:${name}`, title: oneLine(name), number: kind !== "choice" })),
    { id: "seconds", title: "took", number: true },
  ];
}

/** All trials; a click leads to a trial's run. */
export function Trials({ study }: ShownStudy): JSX.Element {
  const columns = columnsOf(study);
  const { sort, descending } = view.value;
  const column = columns.some(({ id }) => id === sort) ? sort : "number";
  const [at, setAt] = useState(0);
  const rows = useMemo(() => sorted(study, column, descending), [study, column, descending]);
  const from = Math.min(at, Math.max(0, rows.length - 1));
  const shown = rows.slice(from, from + PAGE);
  const turn = (id: string): void => {
    setAt(0);
    setView(id === column ? { descending: !descending } : { sort: id, descending: startsDescending(study, id) }, "replace");
  };
  const ahead = useMemo(() => new Set(study.front_trials), [study]);
  return (
    <section class="card" aria-label="Trials" data-study-card="trials">
      <div class="row table-title">
        <h2 class="grow">Trials</h2>
        {rows.length > PAGE && (
          <RowPages from={from} shown={shown.length} page={PAGE} of={rows.length} words={`${rows.length} trials`} onGo={setAt} />
        )}
      </div>
      <div ref={keyScrolled} class="scroll-box">
        <table class="plain-table middle study-trials">
          <thead>
            <tr>
              {columns.map(({ id, title, number }) => (
                <th
                  key={id}
                  scope="col"
                  class={number ? "number" : ""}
                  aria-sort={id === column ? (descending ? "descending" : "ascending") : undefined}
                >
                  <button type="button" class="study-sort" data-sort={id} onClick={() => turn(id)}>
                    {title}
                    <span aria-hidden="true">{id === column ? (descending ? " ↓" : " ↑") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((trial) => (
              <Row key={trial.number} study={study} trial={trial} isAhead={ahead.has(trial.number)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Whether the greatest stand first when a column is chosen: where greater is better, and for the newest. */
function startsDescending(study: Study, id: string): boolean {
  if (id === "number") return true;
  return id.startsWith("value:") && study.metrics[Number(id.slice("value:".length))]?.goal === "maximize";
}

function Row({ study, trial, isAhead }: { study: Study; trial: StudyTrial; isAhead: boolean }): JSX.Element {
  const seconds = secondsOf(trial);
  const name = `${trial.number}`;
  return (
    <tr
      data-trial={trial.number}
      data-best={isAhead}
      onPointerEnter={() => (litTrial.value = name)}
      onPointerLeave={() => (litTrial.value = null)}
    >
      <th scope="row">
        {trial.run ? (
          <Link href={to.run(trial.run)} action="open-trial">
            {name}
          </Link>
        ) : (
          name
        )}
      </th>
      <td>
        <span class="trial-state" data-trial-state={trial.state}>
          {trial.state}
        </span>
        {trial.diverged && <span class="diverged">diverged</span>}
      </td>
      {study.metrics.map(({ name: metric }, place) => (
        <td key={metric} class="number study-value">
          {metricText(trial, place)}
        </td>
      ))}
      {study.parameters.map(({ name: parameter, kind }) => (
        <td key={parameter} class={kind === "choice" ? "" : "number"}>
          {paramText(trial.params[parameter])}
        </td>
      ))}
      <td class="number muted">{seconds === null ? "" : formatDuration(seconds)}</td>
    </tr>
  );
}

/** Of a trial that was pruned, what it had come to, in brackets. */
function metricText(trial: StudyTrial, place: number): string {
  const value = valueOfTrial(trial, place);
  if (Number.isNaN(value) && trial.values[place] === undefined) return "";
  return trial.state === "pruned" ? `(${formatNumber(value)})` : formatNumber(value);
}
