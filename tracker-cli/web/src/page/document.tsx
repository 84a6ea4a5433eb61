import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { follow } from "../data/live.ts";
import { looksOf } from "../data/looks.ts";
import { to, view } from "../data/route.ts";
import { definitions, forgetRuns, runs } from "../data/state.ts";
import type { Run, Saved } from "../data/types.ts";
import { keyOfMetric } from "../model/chart_choice.ts";
import { summaryOf, whichOf } from "../model/column.ts";
import { formatNumber, formatTime } from "../model/format.ts";
import { oneLine } from "../model/safe_text.ts";
import { PlainChart } from "../part/board_chart.tsx";
import type { Curves } from "../part/board_chart.tsx";
import { Link } from "../part/link.tsx";
import { Markdown } from "../part/markdown.tsx";
import { RunName } from "../part/run_name.tsx";
import { StateMark } from "../part/state_mark.tsx";
import { Swatch } from "../part/swatch.tsx";
import { TopBar } from "../part/top_bar.tsx";
import { useCharts } from "../part/use_charts.ts";
import "./document.css";
import { keyScrolled } from "../part/key_scrolled.ts";

/** A report as something to read and to print: title, words, the chosen charts, and which runs they are of. */
export function Document({ report }: { report: Saved }): JSX.Element {
  const title = oneLine(report.title ?? "Report");
  useEffect(() => {
    document.title = title;
    forgetRuns();
    follow(null);
  }, []);
  const shown = useMemo(() => report.runs.flatMap((id) => (runs.value ?? []).find((run) => run.id === id) ?? []), [runs.value]);
  const all = report.runs.length === 1 ? `${to.run(report.runs[0] ?? "")}` : to.compare(report.runs);
  return (
    <>
      <TopBar crumbs={[]} />
      <main class="document" data-page="document">
        <header>
          <h1>{title}</h1>
          <p class="muted">
            {formatTime(report.made_at).slice(0, 10)} · {report.runs.length} {report.runs.length === 1 ? "run" : "runs"}
            <span class="document-all">
              {" · "}
              <Link href={all} action="all">
                all of {report.runs.length === 1 ? "it" : "them"}
              </Link>
            </span>
          </p>
        </header>
        {report.notes !== null && <Markdown text={report.notes} />}
        {shown.length > 0 && report.charts.length > 0 && <Charts metrics={report.charts} shown={shown} />}
        {shown.length > 0 && <RunsTable metrics={report.charts} shown={shown} />}
      </main>
    </>
  );
}

function Charts({ metrics, shown }: { metrics: readonly string[]; shown: readonly Run[] }): JSX.Element {
  const { x, xLog, yLog, smooth, clip, band, center } = view.value;
  const options = useMemo(
    () => ({ x, xLog, yLog, smooth, clipOutliers: clip, band, center, grouped: false }),
    [x, xLog, yLog, smooth, clip, band, center],
  );
  const charts = useCharts("");
  const known = useMemo(() => new Set(shown.flatMap((run) => Object.keys(run.summary))), [shown]);
  const board: Curves = { runs: shown, looks: looksOf(shown), baseline: "", options, groupBy: "", known, charts, choose: () => undefined };
  return (
    <section aria-label="Charts">
      <h2 class="visually-hidden">Charts</h2>
      <div class="charts document-charts">
        {metrics.map((metric) => (
          <PlainChart key={metric} board={board} choice={charts.of(keyOfMetric(metric))} section="" />
        ))}
      </div>
    </section>
  );
}

/** Which line is whose, and what each came to. */
function RunsTable({ metrics, shown }: { metrics: readonly string[]; shown: readonly Run[] }): JSX.Element {
  const looks = looksOf(shown);
  return (
    <div ref={keyScrolled} class="scroll-box card">
      <table class="plain-table middle">
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">state</th>
            {metrics.map((metric) => (
              <th key={metric} scope="col" class="number">
                {whichOf(metric, definitions.value)} {oneLine(metric)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((run) => (
            <tr key={run.id} data-run={run.id}>
              <th scope="row">
                <span class="row">
                  <Swatch look={looks.get(run.id)} />
                  <RunName run={run} />
                </span>
              </th>
              <td>
                <StateMark run={run} words />
              </td>
              {metrics.map((metric) => (
                <td key={metric} class="number">
                  {valueText(run, metric)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function valueText(run: Run, metric: string): string {
  const value = summaryOf(run, metric);
  return value === null ? "" : formatNumber(value, definitions.value[metric]?.unit ?? null);
}
