import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { looksOf } from "../../data/looks.ts";
import { forgetRuns } from "../../data/state.ts";
import { to, view } from "../../data/route.ts";
import type { RunDetail } from "../../data/types.ts";
import { layerFamilies } from "../../model/layers.ts";
import { oneLine } from "../../model/safe_text.ts";
import { ChartBoard } from "../../part/chart_board.tsx";
import { Link } from "../../part/link.tsx";
import { Empty, Failure, Loading, Warnings } from "../../part/notice.tsx";
import { currentTab, TabPanel, Tabs } from "../../part/tabs.tsx";
import type { Tab } from "../../part/tabs.tsx";
import { TopBar } from "../../part/top_bar.tsx";
import { Artifacts } from "./artifacts.tsx";
import { Config } from "./config.tsx";
import { Layers } from "./layers.tsx";
import { Head } from "./head.tsx";
import { Media } from "./media.tsx";
import { Messages } from "./messages.tsx";
import { Overview } from "./overview.tsx";
import "./run.css";
import { useDetail } from "./use_detail.ts";

/** One run: what it was, what it logged, what it left behind. */
export function RunPage({ id }: { id: string }): JSX.Element {
  useEffect(forgetRuns, [id]);
  const { run, failure, again } = useDetail(id);
  useEffect(() => {
    document.title = `${oneLine(run?.name ?? "run")} · tracker`;
  }, [run?.name]);
  const crumbs = run ? [{ text: run.project, href: to.project(run.project) }, { text: run.name }] : [{ text: id }];
  return (
    <>
      <TopBar crumbs={crumbs} />
      <main class="run-page" data-page="run">
        {failure && failure.status !== 404 && <Failure error={failure} onRetry={again} />}
        {failure?.status === 404 && !run && <NoRun id={id} />}
        {failure?.status === 404 && run && (
          <div class="notice warn" role="alert" data-notice="gone">
            This run has been deleted meanwhile. What is shown is what this page has read of it; `tracker undo`, or the menu of its project,
            brings it back.
          </div>
        )}
        {!run && !failure && <Loading what="the run" />}
        {run && <Body run={run} onChange={again} />}
      </main>
    </>
  );
}

function NoRun({ id }: { id: string }): JSX.Element {
  return (
    <Empty title="This store has no such run" heading>
      <p class="plain-text muted">{oneLine(id)}</p>
      <p>
        It may have been removed, or it lies in another store. <Link href={to.home()}>See all projects</Link>.
      </p>
    </Empty>
  );
}

function tabsOf(run: RunDetail): Tab[] {
  const media = run.media.length + run.histograms.length + run.texts.length;
  const system = run.metrics.some(isOfSystem);
  const all: (Tab | null)[] = [
    { id: "overview", title: "Overview" },
    { id: "charts", title: "Charts", note: run.metrics.filter((metric) => !isOfSystem(metric)).length },
    run.histograms.length > 0 || layerFamilies(run.metrics).length > 0 ? { id: "layers", title: "Layers" } : null,
    system ? { id: "system", title: "System" } : null,
    { id: "config", title: "Config" },
    { id: "messages", title: "Messages" },
    media > 0 || run.artifacts > 0 ? { id: "media", title: "Media" } : null,
    { id: "artifacts", title: "Artifacts", note: run.artifacts },
  ];
  return all.filter((tab) => tab !== null);
}

function isOfSystem(metric: string): boolean {
  return metric.startsWith("system/");
}

function isOfTraining(metric: string): boolean {
  return !isOfSystem(metric);
}

function Body({ run, onChange }: { run: RunDetail; onChange(): void }): JSX.Element {
  const tabs = tabsOf(run);
  const tab = currentTab(tabs, view.value.tab);
  const drawn = useMemo(() => [run], [run]);
  const looks = looksOf(drawn);
  return (
    <>
      <Head key={run.id} run={run} onChange={onChange} />
      <Tabs tabs={tabs} current={tab} label="About the run" />
      <Warnings warnings={run.warnings} />
      <TabPanel current={tab}>
        {tab === "overview" && <Overview run={run} onChange={onChange} />}
        {tab === "charts" && <ChartBoard runs={drawn} looks={looks} keep={isOfTraining} />}
        {tab === "layers" && <Layers run={run} looks={looks} />}
        {tab === "system" && <ChartBoard runs={drawn} looks={looks} keep={isOfSystem} />}
        {tab === "config" && <Config run={run} />}
        {tab === "messages" && <Messages run={run} />}
        {tab === "media" && <Media run={run} />}
        {tab === "artifacts" && <Artifacts run={run} />}
      </TabPanel>
    </>
  );
}
