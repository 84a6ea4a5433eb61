import type { JSX } from "preact";
import { view } from "../../data/route.ts";
import { definitions } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { columnsOf, usualColumns } from "../../model/column.ts";
import type { ColumnId } from "../../model/column.ts";
import { groupQuestion, usualGroupBy } from "../../model/group_question.ts";
import type { Looks } from "../../model/palette.ts";
import { GroupTools } from "../../part/group_tools.tsx";
import { Empty, Failure, Loading, Warnings } from "../../part/notice.tsx";
import { useGroups } from "../../part/use_groups.ts";
import { VerdictCard } from "../../part/verdicts.tsx";
import { RunTable } from "./table.tsx";

interface GroupsTabProps {
  project: string;
  all: readonly Run[];
  /** The runs that the search leaves, sorted. */
  listed: readonly Run[];
  /** Whether the search makes sense. */
  finds: boolean;
  drawn: readonly Run[];
  looks: Looks;
}

/** Whether groups of runs, such as seeds, differ: the verdict above, and the groups with all their runs below. */
export function GroupsTab({ project, all, listed, finds, drawn, looks }: GroupsTabProps): JSX.Element {
  const by = groupsBy(all);
  const question = groupQuestion(project, by, view.value, tableColumns(listed), finds).toString();
  const { groups, failed } = useGroups(listed.length === 0 ? null : question);
  return (
    <>
      <GroupTools all={all} by={by} groups={groups} />
      {failed && <Failure error={failed} />}
      {groups && <Warnings warnings={groups.warnings} />}
      {listed.length === 0 && (
        <Empty title="No run fits this search">
          <p>Groups are made of the runs that the search on the left leaves.</p>
        </Empty>
      )}
      {listed.length > 0 && !groups && !failed && <Loading what="the groups" />}
      {groups && listed.length > 0 && (
        <>
          <VerdictCard groups={groups} question={question} />
          <p class="muted tiny">
            Click a group to compare the others with it, and a second one to compare these two. Mean ± reach of the 95 % interval (Student's
            t).
          </p>
          <RunTable runs={listed} drawn={drawn} looks={looks} groups={groups} by={by} />
        </>
      )}
    </>
  );
}

/** The table of runs, in groups where the view has any. */
export function GroupedTable({ project, listed, finds, drawn, looks }: Omit<GroupsTabProps, "all">): JSX.Element {
  const { groupBy } = view.value;
  const question = groupBy === "" ? null : groupQuestion(project, groupBy, view.value, tableColumns(listed), finds).toString();
  const { groups, failed } = useGroups(listed.length === 0 ? null : question);
  return (
    <>
      {question !== null && failed && <Failure error={failed} />}
      <RunTable runs={listed} drawn={drawn} looks={looks} groups={question === null ? null : groups} by={groupBy} />
    </>
  );
}

function tableColumns(listed: readonly Run[]): readonly ColumnId[] {
  return view.value.columns.length > 0 ? view.value.columns : usualColumns(listed, definitions.value);
}

function groupsBy(all: readonly Run[]): string {
  const { groupBy } = view.value;
  return groupBy === "" ? usualGroupBy(all, columnsOf(all, definitions.value)) : groupBy;
}
