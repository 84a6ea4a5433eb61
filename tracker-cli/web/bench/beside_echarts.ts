/** Draws the same points with our charts and with ECharts, in turns, in one browser: what counts is the ratio. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { lazyIntl } from "../vite_uplot.ts";
import { CHARTS, POINTS, RUNS } from "./points.ts";
import { median, times } from "./row.ts";
import type { Row } from "./row.ts";
import { startServer } from "./server.ts";

const ROUNDS = 10;
const MOST_OF_ECHARTS = 0.5;
const UPDATES = 10_000;
const MOST_GROWTH = 20;
/** Milliseconds in which a new tab of the browser starts its own parts, which would run beside the page's start. */
const TAB_STARTS = 700;
const WINDOW = { width: 1920, height: 1080 };

/** The first curves beside ECharts. */
export function curves(browser: Browser): Promise<Row[]> {
  return withPages(async (origin) => {
    const pairs: { ours: number; theirs: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      pairs.push({
        ours: await timeToDraw(browser, `${origin}/tracker.html`),
        theirs: await timeToDraw(browser, `${origin}/echarts.html`),
      });
    const ratios = pairs.map(({ ours, theirs }) => ours / theirs);
    const ratio = median(ratios);
    const [ours, theirs] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.theirs))];
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const what = `${CHARTS} charts of ${RUNS} runs of ${POINTS} points, by ECharts' time in the same round`;
    const measured = `${ratio.toFixed(2)} × (${range}, ${ROUNDS} rounds; ${ours.toFixed(0)} and ${theirs.toFixed(0)} ms)`;
    return [{ what, measured, goal: `≤ ${MOST_OF_ECHARTS} ×`, isMet: ratio <= MOST_OF_ECHARTS }];
  });
}

/** A chart of very many runs, and what many live updates leave in memory. */
export function memory(browser: Browser): Promise<Row[]> {
  return withPages(async (origin) => {
    const thousand = await timeToDraw(browser, `${origin}/tracker.html?charts=1&runs=1000`);
    const page = await open(browser, `${origin}/tracker.html?charts=1&hurry`);
    await update(page, 100);
    const before = await heapMegabytes(page);
    await update(page, UPDATES);
    const growth = (await heapMegabytes(page)) - before;
    await page.close();
    return [
      times("1,000 runs in one chart, from the page's start", [thousand], 1000),
      {
        what: `the page's heap after ${UPDATES} updates`,
        measured: `${growth < 0 ? "" : "+"}${growth.toFixed(1)} MiB`,
        goal: `≤ +${MOST_GROWTH} MiB`,
        isMet: growth <= MOST_GROWTH,
      },
    ];
  });
}

async function withPages(measure: (origin: string) => Promise<Row[]>): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "tracker-bench-"));
  await buildPages(folder);
  const { server, origin } = await startServer(folder);
  try {
    return await measure(origin);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

async function buildPages(folder: string): Promise<void> {
  await build({
    root: import.meta.dirname,
    configFile: false,
    plugins: [lazyIntl()],
    logLevel: "error",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      rollupOptions: { input: ["tracker", "echarts"].map((name) => join(import.meta.dirname, `${name}.html`)) },
    },
  });
}

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: WINDOW });
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.waitForTimeout(TAB_STARTS);
  await page.goto(url);
  await page.waitForFunction(() => window.benchDrawn !== undefined, undefined, { timeout: 120_000 });
  return page;
}

/** From the start of the page to the frame with all charts. */
async function timeToDraw(browser: Browser, url: string): Promise<number> {
  const page = await open(browser, url);
  const time = await page.evaluate(() => window.benchDrawn ?? NaN);
  await page.close();
  return time;
}

async function heapMegabytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize / 2 ** 20;
}

/** As fast as the page takes them: an update a frame, each fetched and drawn. */
async function update(page: Page, count: number): Promise<void> {
  await page.evaluate(async (times) => {
    for (let at = 0; at < times; at += 1) {
      window.benchUpdate?.();
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    }
  }, count);
}
