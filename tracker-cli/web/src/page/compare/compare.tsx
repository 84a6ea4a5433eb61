import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { follow } from "../../data/live.ts";
import { looksOf } from "../../data/looks.ts";
import { to, view } from "../../data/route.ts";
import { saved } from "../../data/saved.ts";
import { definitions, failure, forgetRuns, runs, runsById, warnings } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { ChartBoard } from "../../part/chart_board.tsx";
import { Link } from "../../part/link.tsx";
import { Empty, Failure, Loading, Warnings } from "../../part/notice.tsx";
import { ReportButton } from "../../part/report_button.tsx";
import { currentTab, TabPanel, Tabs } from "../../part/tabs.tsx";
import { TopBar } from "../../part/top_bar.tsx";
import { Chosen } from "./chosen.tsx";
import { Code } from "./code.tsx";
import "./compare.css";
import { Differences } from "./differences.tsx";
import { Groups } from "./groups.tsx";
import { MediaTab } from "./media_tab.tsx";
import { Packages } from "./packages.tsx";
import { ParallelTab } from "./parallel_tab.tsx";
import { Results } from "./results.tsx";
import { ScatterTab } from "./scatter_tab.tsx";
import { useComparison } from "./use_comparison.ts";
import { Why } from "./why.tsx";

const TABS = [
  { id: "charts", title: "Charts" },
  { id: "why", title: "Why" },
  { id: "results", title: "Results" },
  { id: "config", title: "Config" },
  { id: "environment", title: "Environment" },
  { id: "packages", title: "Packages" },
  { id: "code", title: "Code" },
  { id: "groups", title: "Groups" },
  { id: "scatter", title: "Scatter" },
  { id: "parallel", title: "Parallel" },
  { id: "media", title: "Media" },
] as const;

/** Any runs beside each other, over projects too. The first is what the others are measured by. */
export function Compare({ ids }: { ids: string[] }): JSX.Element {
  useEffect(() => {
    document.title = `${ids.length} runs compared · tracker`;
    forgetRuns();
    follow(null);
  }, []);
  const known = runs.value !== null;
  const chosen = useMemo(() => ids.flatMap((id) => runsById.value.get(id) ?? []), [ids, runsById.value]);
  const missing = known ? ids.filter((id) => !runsById.value.has(id)) : [];
  return (
    <>
      <TopBar crumbs={[{ text: "Compare", heading: true }]} />
      <main class="compare" data-page="compare">
        {failure.value && <Failure error={failure.value} />}
        <Warnings warnings={warnings.value} />
        {missing.length > 0 && (
          <p class="notice warn" data-notice="missing">
            Not in this store: <span class="mono plain-text">{missing.slice(0, 10).join(", ")}</span>
          </p>
        )}
        {!known && !failure.value && <Loading what="runs" />}
        {known && <Chosen ids={ids} chosen={chosen} looks={looksOf(chosen)} />}
        {chosen.length > 0 && (
          <div class="row">
            <span class="grow" />
            <ReportButton runs={chosen} />
          </div>
        )}
        {known && chosen.length < 2 && <TooFew />}
        {chosen.length >= 2 && <Body chosen={chosen} />}
      </main>
    </>
  );
}

function TooFew(): JSX.Element {
  return (
    <Empty title="Two runs or more are needed">
      <p>
        Add a run above, or draw two runs or more in a <Link href={to.home()}>project</Link> and choose “Compare”. In the terminal:{" "}
        <code>tracker compare RUN RUN</code>.
      </p>
    </Empty>
  );
}

/** More columns than these are no table. */
const MOST_BESIDE = 50;
/** The tabs that have a column for each run. */
const IN_COLUMNS = ["results", "config", "environment", "packages", "code", "media"];

function Body({ chosen }: { chosen: Run[] }): JSX.Element {
  const tabs = TABS.filter(({ id }) => id !== "why" || (chosen.length === 2 && !saved));
  const tab = currentTab(tabs, view.value.tab);
  const beside = useMemo(() => chosen.slice(0, MOST_BESIDE), [chosen]);
  const { comparison, failed } = useComparison(beside);
  const looks = looksOf(chosen);
  const needs = ["config", "environment", "packages", "code"].includes(tab);
  return (
    <>
      <Tabs tabs={tabs} current={tab} label="What is compared" />
      <TabPanel current={tab}>
        {beside.length < chosen.length && IN_COLUMNS.includes(tab) && (
          <p class="notice" data-notice="beside">
            The first {MOST_BESIDE} of {chosen.length} runs stand side by side here; charts, groups, scatter and parallel axes have them
            all.
          </p>
        )}
        {needs && failed && <Failure error={failed} />}
        {needs && !comparison && !failed && <Loading what="the differences" />}
        {tab === "charts" && <ChartBoard runs={chosen} looks={looks} groupBy={view.value.groupBy} baseline={chosen[0]?.id ?? ""} />}
        {tab === "why" && <Why runs={chosen} definitions={definitions.value} looks={looks} />}
        {tab === "results" && <Results runs={beside} definitions={definitions.value} looks={looks} />}
        {comparison && tab === "config" && (
          <Differences runs={beside} of={comparison.runs} rows={comparison.config} what="setting" looks={looks} />
        )}
        {comparison && tab === "environment" && (
          <Differences runs={beside} of={comparison.runs} rows={comparison.environment} what="fact" looks={looks} />
        )}
        {comparison && tab === "packages" && <Packages runs={beside} comparison={comparison} />}
        {comparison && tab === "code" && <Code runs={beside} comparison={comparison} />}
        {tab === "groups" && <Groups runs={chosen} definitions={definitions.value} />}
        {tab === "scatter" && <ScatterTab runs={chosen} definitions={definitions.value} looks={looks} />}
        {tab === "media" && <MediaTab runs={beside} />}
        {tab === "parallel" && <ParallelTab runs={chosen} definitions={definitions.value} looks={looks} />}
      </TabPanel>
    </>
  );
}
