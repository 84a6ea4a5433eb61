import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { follow } from "../../data/live.ts";
import { looksInList } from "../../data/looks.ts";
import { to, view } from "../../data/route.ts";
import { definitions, failure, forgetRuns, runs, warnings } from "../../data/state.ts";
import { sortRuns } from "../../model/column.ts";
import { drawnIds } from "../../model/drawn.ts";
import type { Looks } from "../../model/palette.ts";
import { parseQuery } from "../../model/query.ts";
import type { QueryError } from "../../model/query.ts";
import { oneLine } from "../../model/safe_text.ts";
import type { Run } from "../../data/types.ts";
import { ChartBoard } from "../../part/chart_board.tsx";
import { Link } from "../../part/link.tsx";
import { Empty, Failure, Loading, Warnings } from "../../part/notice.tsx";
import { ReportButton } from "../../part/report_button.tsx";
import { currentTab, TabPanel, Tabs } from "../../part/tabs.tsx";
import { TopBar } from "../../part/top_bar.tsx";
import "./project.css";
import { Rail } from "./rail.tsx";
import { RailEdge } from "./rail_width.tsx";
import { RunTable } from "./table.tsx";

/** The runs that the search leaves, in the order of the view; a search that makes no sense leaves all. */
const found = computed<{ listed: Run[]; error: QueryError | null; notes: string[] }>(() => {
  const { query, sort, descending } = view.value;
  const all = runs.value ?? [];
  const read = parseQuery(query, all, definitions.value);
  const matching = read.ok ? all.filter(read.matches) : all;
  return { listed: sortRuns(matching, sort, descending), error: read.ok ? null : read.error, notes: read.ok ? read.notes : [] };
});

const drawn = computed<Run[]>(() => {
  const ids = drawnIds(found.value.listed, view.value);
  return found.value.listed.filter((run) => ids.has(run.id));
});

/** How each run is drawn, and would be where it is not. */
const looks = computed<Looks>(() => looksInList(runs.value ?? [], drawn.value));

const TABS = [
  { id: "charts", title: "Charts" },
  { id: "table", title: "Table" },
] as const;

/** A project: its runs on the left, their charts or the table on the right. */
export function Project({ name }: { name: string }): JSX.Element {
  useEffect(() => {
    document.title = `${oneLine(name)} · tracker`;
    forgetRuns();
    follow(name);
  }, [name]);
  const all = runs.value;
  return (
    <>
      <TopBar crumbs={[{ text: name, heading: true }]} />
      {all === null && (
        <main data-page="project">
          {failure.value ? (
            <div class="pad">
              <Failure error={failure.value} />
            </div>
          ) : (
            <Loading what="runs" />
          )}
        </main>
      )}
      {all !== null && all.length === 0 && (
        <main data-page="project">
          <NoRuns name={name} />
        </main>
      )}
      {all !== null && all.length > 0 && <Workspace all={all} />}
    </>
  );
}

function Workspace({ all }: { all: Run[] }): JSX.Element {
  const { listed, error, notes } = found.value;
  const tab = currentTab(TABS, view.value.tab);
  return (
    <main class="workspace" data-page="project">
      <Rail all={all} listed={listed} drawn={drawn.value} looks={looks.value} error={error} notes={notes} />
      <RailEdge />
      <div class="stage">
        <div class="row stage-head">
          <Tabs tabs={TABS} current={tab} label="What is shown" />
          <span class="grow" />
          <ReportButton runs={drawn.value} />
          <CompareLink drawn={drawn.value} />
        </div>
        {failure.value && <Failure error={failure.value} />}
        <Warnings warnings={warnings.value} />
        <TabPanel current={tab}>
          {tab === "charts" ? (
            <ChartBoard
              runs={drawn.value}
              offered={drawn.value.length > 0 ? drawn.value : listed}
              looks={looks.value}
              groupBy={view.value.groupBy}
            />
          ) : (
            <RunTable runs={listed} drawn={drawn.value} looks={looks.value} />
          )}
        </TabPanel>
      </div>
    </main>
  );
}

/** More runs than this do not stand beside each other in any table. */
const MOST_COMPARED = 50;

function CompareLink({ drawn: chosen }: { drawn: readonly Run[] }): JSX.Element {
  const text = `Compare ${chosen.length} shown`;
  if (chosen.length < 2)
    return (
      <button type="button" class="button" data-action="compare" disabled title="Click the dots of two runs or more to draw them">
        Compare
      </button>
    );
  if (chosen.length > MOST_COMPARED)
    return (
      <button
        type="button"
        class="button"
        data-action="compare"
        disabled
        title={`At most ${MOST_COMPARED} runs can stand side by side: draw fewer`}
      >
        {text}
      </button>
    );
  return (
    <Link href={to.compare(chosen.map((run) => run.id))} class="button" action="compare">
      {text}
    </Link>
  );
}

function NoRuns({ name }: { name: string }): JSX.Element {
  return (
    <Empty title={`No runs in ${oneLine(name)}`}>
      <p>A training writes here when it starts with:</p>
      <pre>{`let run = tracker_core::init(${JSON.stringify(oneLine(name))}).start()?;`}</pre>
      <p>
        <Link href={to.home()}>See all projects</Link>
      </p>
    </Empty>
  );
}
