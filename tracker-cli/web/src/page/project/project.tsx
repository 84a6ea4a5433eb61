import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { fileName, save } from "../../chart/export.ts";
import { api } from "../../data/api.ts";
import { follow } from "../../data/live.ts";
import { looksInList } from "../../data/looks.ts";
import { clearSelection } from "../../data/many.ts";
import { MOST_COMPARED, route, to, view, viewField } from "../../data/route.ts";
import { saved } from "../../data/saved.ts";
import { definitions, failure, forgetRuns, runs, warnings } from "../../data/state.ts";
import { sortRuns } from "../../model/column.ts";
import { drawnIds, withWholeGroups } from "../../model/drawn.ts";
import type { Looks } from "../../model/palette.ts";
import { parseQuery } from "../../model/query.ts";
import type { QueryError } from "../../model/query.ts";
import { formatRoute } from "../../model/url_state.ts";
import { oneLine } from "../../model/safe_text.ts";
import type { Run } from "../../data/types.ts";
import { ChartBoard } from "../../part/chart_board.tsx";
import { lazy } from "../../part/lazy.tsx";
import { Link } from "../../part/link.tsx";
import { Empty, Failure, Loading, Warnings } from "../../part/notice.tsx";
import { ReportButton } from "../../part/report_button.tsx";
import { currentTab, TabPanel, Tabs } from "../../part/tabs.tsx";
import { TopBar } from "../../part/top_bar.tsx";
import { CopyLink } from "./copy_link.tsx";
import { useKeptBaseline } from "../../part/use_baseline.ts";
import "./project.css";
import { ManyPlace } from "./many_place.tsx";
import { ProjectMenu } from "./project_menu.tsx";
import { ProjectNotes } from "./project_notes.tsx";
import { Rail } from "./rail.tsx";
import { RailEdge } from "./rail_width.tsx";
import { useView } from "./use_view.ts";
import { ViewMenu, ViewNotes } from "./view_menu.tsx";

const GroupedTable = lazy("the table", async () => (await import("./groups_tab.tsx")).GroupedTable);
const GroupsTab = lazy("the groups", async () => (await import("./groups_tab.tsx")).GroupsTab);
const StudyLinks = lazy("the studies", async () => (await import("../study/study.tsx")).StudyLinks, "silently");
const SettingsTab = lazy("settings and results", async () => (await import("./settings_tab.tsx")).SettingsTab);

/** The runs that the search leaves; a search that makes no sense leaves all. */
const matching = computed<{ runs: Run[]; error: QueryError | null; notes: string[] }>(() => {
  const all = runs.value ?? [];
  const read = parseQuery(viewField("query"), all, definitions.value);
  return { runs: read.ok ? all.filter(read.matches) : all, error: read.ok ? null : read.error, notes: read.ok ? read.notes : [] };
});

/** The same in the order of the view. */
const listing = computed<Run[]>(() => sortRuns(matching.value.runs, viewField("sort"), viewField("descending")));

/** Stays the same list while it holds the same runs, so that what hangs on it is not made again. */
const drawn = computed<Run[]>(() => {
  const [draw, show, hide] = [viewField("draw"), viewField("show"), viewField("hide")];
  const [grouped, groupBy] = [viewField("grouped"), viewField("groupBy")];
  const chosen = drawnIds(listing.value, { draw, show, hide });
  const ids = grouped && groupBy !== "" ? withWholeGroups(listing.value, chosen, groupBy) : chosen;
  return kept(listing.value.filter((run) => ids.has(run.id)));
});

let before: Run[] = [];

function kept(now: Run[]): Run[] {
  if (now.length !== before.length || now.some((run, at) => run !== before[at])) before = now;
  return before;
}

/** How each run is drawn, and would be where it is not. */
const looks = computed<Looks>(() => looksInList(runs.value ?? [], drawn.value));

const TABS = [
  { id: "charts", title: "Charts" },
  { id: "table", title: "Table" },
  { id: "groups", title: "Groups" },
  { id: "settings", title: "Settings & results" },
] as const;

/** A project: its runs on the left, their charts or the table on the right. */
export function Project({ name }: { name: string }): JSX.Element {
  useView(name);
  useEffect(() => {
    document.title = `${oneLine(name)} · tracker`;
    forgetRuns();
    clearSelection();
    follow(name);
  }, [name]);
  useKeptBaseline(name);
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
          <div class="pad">
            <StudyLinks project={name} />
          </div>
          <NoRuns name={name} />
          <ManyPlace listed={[]} />
        </main>
      )}
      {all !== null && all.length > 0 && <Workspace project={name} all={all} />}
    </>
  );
}

function Workspace({ project, all }: { project: string; all: Run[] }): JSX.Element {
  const listed = listing.value;
  const { error, notes } = matching.value;
  const tab = currentTab(TABS, viewField("tab"));
  const groups = { project, listed, finds: error === null, drawn: drawn.value, looks: looks.value };
  return (
    <main class="workspace" data-page="project">
      <Rail all={all} listed={listed} drawn={drawn.value} looks={looks.value} error={error} notes={notes} />
      <RailEdge />
      <div class="stage">
        <div class="row stage-head">
          <Tabs tabs={TABS} current={tab} label="What is shown" />
          <span class="grow" />
          {!saved && <CopyLink />}
          <ViewMenu project={project} onExport={() => exportView(project, tab === "table" ? listed : drawn.value)} />
          <ReportButton runs={drawn.value} />
          <CompareLink drawn={drawn.value} />
          <ProjectMenu name={project} />
        </div>
        {failure.value && <Failure error={failure.value} />}
        <StudyLinks project={project} />
        <ViewNotes />
        <Warnings warnings={warnings.value} />
        <TabPanel current={tab}>
          {tab === "charts" && (
            <ChartBoard
              runs={drawn.value}
              offered={drawn.value.length > 0 ? drawn.value : listed}
              listed={listed}
              looks={looks.value}
              groupBy={viewField("groupBy")}
            />
          )}
          {tab === "table" && (
            <>
              <ProjectNotes name={project} />
              <GroupedTable {...groups} />
            </>
          )}
          {tab === "groups" && <GroupsTab {...groups} all={all} />}
          {tab === "settings" && <SettingsTab runs={listed} looks={looks.value} project={project} />}
        </TabPanel>
      </div>
      <ManyPlace listed={listed} />
    </main>
  );
}

/** The page as it is shown, with the runs and the curves that are shown, in one file. */
async function exportView(project: string, shown: readonly Run[]): Promise<void> {
  const { exportedView } = await import("../../model/exported_view.ts");
  const all = new Set(shown.flatMap((run) => Object.keys(run.summary)));
  const { view: here, metrics } = exportedView(view.value, [...all]);
  const there = { ...route.value, view: { ...here, draw: "all" as const, show: [], hide: [] } };
  const file = await api.report({ runs: shown.map((run) => run.id), address: formatRoute(there), metrics, title: oneLine(project) });
  save(file, fileName("report", "html"));
}

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
        title={`An address has room for ${MOST_COMPARED} runs: draw fewer, or see all under “Settings & results”`}
      >
        {text}
      </button>
    );
  return (
    <Link href={to.compare(baselineFirst(chosen.map((run) => run.id)))} class="button" action="compare">
      {text}
    </Link>
  );
}

/** The others are measured by the first. */
function baselineFirst(ids: string[]): string[] {
  const baseline = viewField("baseline");
  return ids.includes(baseline) ? [baseline, ...ids.filter((id) => id !== baseline)] : ids;
}

function NoRuns({ name }: { name: string }): JSX.Element {
  return (
    <Empty title={`No runs in ${oneLine(name)}`}>
      <p class="muted">If there were some, they have been deleted or moved, or the project has another name now.</p>
      <ProjectMenu name={name} />
      <p>A training writes here when it starts with:</p>
      <pre>{`let run = tracker_core::init(${JSON.stringify(oneLine(name))}).start()?;`}</pre>
      <p>
        <Link href={to.home()}>See all projects</Link>
      </p>
    </Empty>
  );
}
