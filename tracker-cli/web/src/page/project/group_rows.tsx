import type { JSX } from "preact";
import { setView, view } from "../../data/route.ts";
import { definitions, runsById } from "../../data/state.ts";
import type { RunGroups, Run, RunGroup } from "../../data/types.ts";
import { isNumber as isNumeric, titleOf, valueOf } from "../../model/column.ts";
import type { ColumnId } from "../../model/column.ts";
import { formatNumber, formatScalar, numberOf } from "../../model/format.ts";
import { sharedValue, withPick } from "../../model/group_question.ts";
import type { Look } from "../../model/palette.ts";
import { oneLine } from "../../model/safe_text.ts";
import { CutText } from "../../part/cut_text.tsx";
import { Swatch } from "../../part/swatch.tsx";

/** A row of the table: a group among others, or a run, alone or as a member of a group. */
export type TableRow =
  | { key: string; groups: RunGroups; group: RunGroup; at: number; runs: Run[] }
  | { key: string; run: Run; member: RunGroup["members"][number] | null };

/** Each group with its members below it where it is unfolded, in the order in which the runs are listed or of the sorted result. */
export function groupRows(groups: RunGroups, listed: readonly Run[], unfolded: ReadonlySet<string>): TableRow[] {
  const places = new Map(listed.map((run, at) => [run.id, at]));
  const rows = groups.groups.map((group, at) => ({ group, at, members: group.members.filter(({ id }) => places.has(id)) }));
  const place = ({ members }: (typeof rows)[number]): number => Math.min(...members.map(({ id }) => places.get(id) ?? Infinity));
  const sorted = sortedByMean(groups, rows) ?? [...rows].sort((a, b) => place(a) - place(b));
  return sorted.flatMap(({ group, at, members }): TableRow[] => {
    const inOrder = [...members].sort((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
    const known = inOrder.flatMap((member) => {
      const run = runsById.value.get(member.id);
      return run ? [{ member, run }] : [];
    });
    const below = unfolded.has(group.name) ? known : [];
    return [
      { key: `group ${group.name}`, groups, group, at, runs: known.map(({ run }) => run) },
      ...below.map(({ member, run }) => ({ key: `${group.name} ${run.id}`, run, member })),
    ];
  });
}

/** By the mean of the result that the table is sorted by, those without one last; null where it is sorted by something else. */
function sortedByMean<Row extends { at: number }>(groups: RunGroups, rows: readonly Row[]): Row[] | null {
  const { sort, descending } = view.value;
  const column = groups.columns.find(({ metric }) => sort === `summary:${metric}`);
  if (!column) return null;
  const mean = ({ at }: Row): number => numberOf(column.cells[at]?.mean) ?? NaN;
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [mean(a), mean(b)];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right);
  });
}

interface GroupCellsProps {
  row: Extract<TableRow, { group: RunGroup }>;
  columns: readonly ColumnId[];
  /** How the group is drawn where groups are. */
  look: Look | undefined;
  unfolded: ReadonlySet<string>;
  onFold(group: string): void;
}

/** What a group has in each column of the table. */
export function GroupCells({ row: { groups, group, at, runs }, columns, look, unfolded, onFold }: GroupCellsProps): JSX.Element {
  const isBest = (column: ColumnId): boolean =>
    groups.columns.find(({ metric }) => column === `summary:${metric}`)?.cells[at]?.best ?? false;
  return (
    <>
      {columns.map((column) => (
        <td key={column} data-column={column} data-best={isBest(column)} class={isNumber(runs, column) ? "number" : ""}>
          {column === "name" ? (
            <GroupName
              group={group}
              baseline={groups.baseline}
              look={view.value.grouped ? look : undefined}
              open={unfolded.has(group.name)}
              onFold={() => onFold(group.name)}
            />
          ) : (
            <GroupCell groups={groups} at={at} runs={runs} column={column} />
          )}
        </td>
      ))}
    </>
  );
}

function isNumber(runs: readonly Run[], column: ColumnId): boolean {
  return column.startsWith("summary:") || runs.some((run) => isNumeric(valueOf(run, column)));
}

interface GroupNameProps {
  group: RunGroup;
  baseline: string | null;
  look: Look | undefined;
  open: boolean;
  onFold(): void;
}

/** A group's name, which picks it, with how many of its runs count. */
function GroupName({ group, baseline, look, open, onFold }: GroupNameProps): JSX.Element {
  const { picks } = view.value;
  const name = oneLine(group.label);
  const picked = picks.includes(group.name);
  return (
    <span class="row">
      <button type="button" class="fold" data-action="unfold" aria-expanded={open} aria-label={`The runs of ${name}`} onClick={onFold}>
        {open ? "▾" : "▸"}
      </button>
      {look && <Swatch look={look} filled />}
      <button
        type="button"
        class="link group-pick"
        data-action="pick"
        data-group={group.name}
        aria-pressed={picked}
        title={
          picked ? "Compare without it" : picks.length === 0 ? "Compare all others with it" : "Compare it with the first that was picked"
        }
        onClick={() => setView({ picks: withPick(picks, group.name) })}
      >
        <CutText text={name} />
      </button>
      <span class="muted tiny">{tellSize(group)}</span>
      {group.name === baseline && <span class="tag">baseline</span>}
      {picked && group.name !== baseline && <span class="tag">picked</span>}
    </span>
  );
}

/** `n = 3 of 6`: how many have a finite result, and of how many where these are not all. */
function tellSize({ spread, members, running }: RunGroup): string {
  const n = spread?.runs ?? 0;
  const all = members.length === n ? `n = ${n}` : `n = ${n} of ${members.length}`;
  return [
    all,
    ...(spread && spread.diverged > 0 ? [`${spread.diverged} diverged`] : []),
    ...(running > 0 ? [`${running} running`] : []),
  ].join(", ");
}

/** What a group has in a column: of a result its mean, of anything else what all its runs share. */
function GroupCell({ groups, at, runs, column }: { groups: RunGroups; at: number; runs: readonly Run[]; column: ColumnId }): JSX.Element {
  if (column.startsWith("summary:")) {
    const cell = groups.columns.find(({ metric }) => metric === titleOf(column))?.cells[at];
    const unit = definitions.value[titleOf(column)]?.unit;
    const middle = titleOf(column) === groups.metric?.name ? numberOf(groups.groups[at]?.interquartile_mean) : null;
    return cell ? (
      <span title={`n = ${cell.runs}${middle === null ? "" : `, interquartile mean ${formatNumber(middle, unit)}`}`}>
        {cell.text}
        {unit && <> {oneLine(unit)}</>}
      </span>
    ) : (
      <span class="muted">–</span>
    );
  }
  if (column === "started" || column === "seconds" || column === "tag") return <></>;
  const value = sharedValue(runs, column);
  return value === null ? <span class="muted">differs</span> : <>{oneLine(formatScalar(value))}</>;
}

/** What a member has of the metric that groups are judged by, or why it has nothing. */
export function MemberResult({ member, unit }: { member: RunGroup["members"][number]; unit: string | null }): JSX.Element {
  const value = numberOf(member.value);
  if (value !== null) return <span title={String(value)}>{formatNumber(value, Number.isFinite(value) ? unit : null)}</span>;
  const why = member.without === "early" ? "step not reached" : "no such metric";
  return <span class="muted">{member.running ? `${why}, still running` : why}</span>;
}
