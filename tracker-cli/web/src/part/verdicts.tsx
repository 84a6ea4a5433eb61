import type { JSX } from "preact";
import type { RunGroups, RunGroup, Verdict } from "../data/types.ts";
import { forestRow } from "../model/forest.ts";
import { formatTick } from "../model/scale.ts";
import { oneLine } from "../model/safe_text.ts";
import { useFirstRows } from "./first_rows.tsx";
import { ForestPlot } from "./forest_plot.tsx";
import { GroupTables } from "./group_tools.tsx";
import type { ForestPlotRow } from "./forest_plot.tsx";

/** So many sentences, notes and rows of the plot stand there at first. */
const FIRST = 20;

type Judged = RunGroup & { verdict: Verdict };

/** What is concluded of groups, and the table of it to take along. */
export function VerdictCard({ groups, question }: { groups: RunGroups; question: string }): JSX.Element {
  return (
    <section class="card verdict-card" aria-label="Verdict">
      {groups.metric ? <Verdicts groups={groups} /> : <p>These runs have no metric yet.</p>}
      <GroupTables question={question} />
    </section>
  );
}

/** Which groups are better than the baseline: a sentence each, a plot of the differences, and what has to be said beside. */
function Verdicts({ groups }: { groups: RunGroups }): JSX.Element {
  const judged = groups.groups.filter((group): group is Judged => group.verdict !== null);
  const first = useFirstRows(judged, FIRST);
  const notes = useFirstRows(groups.notes, FIRST);
  return (
    <div class="verdicts" data-verdicts={judged.length}>
      {groups.of < 2 && <p>All these runs are of one group: choose above what else they are grouped by.</p>}
      <ul class="verdict-list">
        {first.shown.map(({ name, verdict }) => (
          <li key={name} data-verdict={name} data-ruling={verdict.ruling}>
            <span class="verdict">{sentence(verdict.text)}</span>
            {verdict.details !== "" && <span class="muted tiny">{oneLine(verdict.details)}</span>}
          </li>
        ))}
      </ul>
      {first.shown.some(({ verdict }) => verdict.shown !== null) && <Differences groups={groups} judged={first.shown} />}
      {first.rest}
      {groups.notes.length > 0 && (
        <ul class="verdict-notes tiny muted" aria-label="What else is to be known">
          {notes.shown.map((note) => (
            <li key={note}>{oneLine(note)}</li>
          ))}
        </ul>
      )}
      {notes.rest}
    </div>
  );
}

function sentence(text: string): string {
  const line = oneLine(text);
  return /[.?]$/.test(line) ? line : `${line}.`;
}

function Differences({ groups, judged }: { groups: RunGroups; judged: readonly Judged[] }): JSX.Element {
  const { metric, baseline } = groups;
  const unit = metric?.unit ?? null;
  const rows = judged.map(
    ({ label, verdict }): ForestPlotRow => ({
      ...forestRow(label, verdict.difference, verdict.interval),
      text: verdict.shown ?? "not enough to tell",
      tone: verdict.ruling === "better" ? "good" : verdict.ruling === "worse" ? "bad" : "none",
    }),
  );
  const told = groups.groups.find(({ name }) => name === baseline)?.label ?? "";
  const sides: [string, string] =
    metric?.direction === "lower"
      ? ["← better", "worse →"]
      : metric?.direction === "higher"
        ? ["← worse", "better →"]
        : ["← less", "greater →"];
  return (
    <ForestPlot
      rows={rows}
      label={`Differences of ${oneLine(metric?.name ?? "")} from ${oneLine(told)} with their intervals: ${rows.map(({ label, text }) => `${label} ${text}`).join("; ")}`}
      sides={sides}
      tick={(value) => (unit === "%" ? `${Number((value * 100).toPrecision(6))} pp` : formatTick(value, unit ?? undefined))}
    />
  );
}
