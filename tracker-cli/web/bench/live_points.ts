/** From a log call in another process, by its own clock, to the frame that shows its point. */
import { spawn } from "node:child_process";
import type { Browser } from "playwright-core";
import { times } from "./row.ts";
import type { Row } from "./row.ts";
import { drawnOf, FIXTURE, newPage, onStore, until } from "./stage.ts";

const UPDATES = 20;

export function live(browser: Browser): Promise<Row[]> {
  return onStore(browser, [], async ({ origin, store }) => {
    const training = spawn(FIXTURE, [store, "live", "bench"], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const page = await newPage(browser);
      await page.goto(`${origin}/p/live`);
      await until(page, drawnOf('=== "1"'));
      const id = (await page.getAttribute(".rail [data-run]", "data-run")) ?? "";
      const lags: number[] = [];
      for (let update = 0; update < UPDATES; update += 1) {
        const shown = await page.evaluate(async () => {
          const chart = document.querySelector<HTMLElement>("[data-chart]");
          const before = chart?.dataset["xMax"];
          while (chart?.dataset["xMax"] === before)
            await new Promise((resolve) => {
              requestAnimationFrame(resolve);
            });
          return { from: Number(before) + 1, to: Number(chart?.dataset["xMax"]), at: Date.now() };
        });
        lags.push(...(await loggedAt(origin, id, shown.from, shown.to)).map((logged) => shown.at - logged));
      }
      await page.context().close();
      return [times("a point's way from the log call to the pixel", lags, 500)];
    } finally {
      training.kill("SIGKILL");
    }
  });
}

/** When steps were logged, from the store's own times. */
async function loggedAt(origin: string, run: string, from: number, to: number): Promise<number[]> {
  const body = JSON.stringify({ metrics: ["train/loss"], runs: [run], x: "wall", from, to });
  const answer = await fetch(`${origin}/api/v1/curves`, { method: "POST", headers: { "content-type": "application/json", origin }, body });
  const bytes = await answer.arrayBuffer();
  const header = new DataView(bytes).getUint32(8, true);
  const { series } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 16, header))) as {
    series: { offset: number; points: number }[];
  };
  const [first = { offset: 0, points: 0 }] = series;
  return [...new Float64Array(bytes.slice(16 + header + first.offset), 0, first.points)].map((seconds) => seconds * 1000);
}
