/**
 * Draws the same points with our charts and with ECharts, in turn, in one browser, and prints the medians
 * and their ratio; then what many live updates leave in memory, and a chart of a thousand runs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../scripts/browser.ts";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { CHARTS, POINTS, RUNS } from "./points.ts";
import { startServer } from "./server.ts";
import { lazyIntl } from "../vite_uplot.ts";

const ROUNDS = 25;
const UPDATES = 10_000;
/** Milliseconds in which a new tab of the browser starts its own parts, which would run beside the page's start. */
const TAB_STARTS = 700;
const WINDOW = { width: 1920, height: 1080 };

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
async function heapGrowth(browser: Browser, url: string): Promise<{ before: number; after: number }> {
  const page = await open(browser, url);
  await update(page, 100);
  const before = await heapMegabytes(page);
  await update(page, UPDATES);
  const after = await heapMegabytes(page);
  await page.close();
  return { before, after };
}

async function update(page: Page, times: number): Promise<void> {
  await page.evaluate(async (count) => {
    for (let at = 0; at < count; at += 1) {
      window.benchUpdate?.();
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    }
  }, times);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

async function measure(browser: Browser, origin: string): Promise<void> {
  const times: Record<"tracker" | "echarts", number[]> = { tracker: [], echarts: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of ["tracker", "echarts"] as const) times[name].push(await timeToDraw(browser, `${origin}/${name}.html`));
  }
  const [ours, theirs] = [median(times.tracker), median(times.echarts)];
  console.log(`${CHARTS} charts of ${RUNS} runs of ${POINTS} points, medians of ${ROUNDS} rounds:`);
  console.log(`  tracker ${ours.toFixed(0)} ms, ECharts ${theirs.toFixed(0)} ms, ratio ${(ours / theirs).toFixed(2)}`);
  const thousand = await timeToDraw(browser, `${origin}/tracker.html?charts=1&runs=1000`);
  console.log(`  1,000 runs in one chart: ${thousand.toFixed(0)} ms`);
  const { before, after } = await heapGrowth(browser, `${origin}/tracker.html?charts=1&hurry`);
  console.log(`  heap after ${UPDATES} live updates: ${before.toFixed(1)} -> ${after.toFixed(1)} MiB (${(after - before).toFixed(1)})`);
}

const folder = mkdtempSync(join(tmpdir(), "tracker-bench-"));
await buildPages(folder);
const { server, origin } = await startServer(folder);
const browser = await launch("--enable-precise-memory-info");
try {
  await measure(browser, origin);
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}
