/** Our charts on the benchmark's points. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { Chart, PLAIN_OPTIONS } from "../src/chart/index.ts";
import type { ChartLine, ChartRun } from "../src/chart/index.ts";
import { looksTogether, PLAIN } from "../src/model/palette.ts";
import { settings, settled } from "./page.ts";

const { charts, runs } = settings();
const ids = Array.from({ length: runs }, (_, at) => `run-${at}`);
const looks = looksTogether(
  ids.map((id, hue) => ({ id, hue })),
  false,
);
const chartRuns: ChartRun[] = ids.map((id) => ({ id, label: id, ...(looks.get(id) ?? PLAIN) }));
const revision = signal(0);
const lines = Array.from({ length: charts }, (_, at): ChartLine[] => [{ metric: `metric-${at}`, title: `metric-${at}` }]);

function Page() {
  return (
    <main>
      {Array.from({ length: charts }, (_, at) => (
        <Chart
          key={at}
          name={`metric-${at}`}
          title={`metric-${at}`}
          lines={lines[at] as ChartLine[]}
          runs={chartRuns}
          options={PLAIN_OPTIONS}
          revision={revision.value}
          syncKey="bench"
        />
      ))}
    </main>
  );
}

/** Charts refresh twice a second; many updates in little time need a clock that does not wait. */
function stopWaiting(): void {
  const setTimer = window.setTimeout.bind(window);
  window.setTimeout = ((task: () => void) => setTimer(task, 0)) as typeof window.setTimeout;
}

if (new URLSearchParams(location.search).has("hurry")) stopWaiting();
window.benchUpdate = () => {
  revision.value += 1;
};
render(<Page />, document.body);
settled(() =>
  [...document.querySelectorAll<HTMLElement>("[data-chart]")].every(
    ({ dataset }) => dataset["state"] === "drawn" && Number(dataset["series"]) === runs,
  ),
);
