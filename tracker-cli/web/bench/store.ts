/**
 * How fast the page is over a large store, with the real server: `npm run bench-store`. Makes a thousand runs of
 * a hundred thousand points first (`TRACKER_BENCH_RUNS` and `TRACKER_BENCH_POINTS` for others), then prints
 * medians beside their goals. Needs the release builds of `tracker` and the example `page_fixture`.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { launch } from "../scripts/browser.ts";
import type { Browser, Page } from "playwright-core";

const BIN = join(process.env["CARGO_TARGET_DIR"] ?? join(import.meta.dirname, "../../../target"), "release");
const RUNS = process.env["TRACKER_BENCH_RUNS"] ?? "1000";
const POINTS = process.env["TRACKER_BENCH_POINTS"] ?? "100000";
const ROUNDS = 5;

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;

function tell(what: string, milliseconds: number, goal: string): void {
  console.log(`${what.padEnd(58)} ${milliseconds.toFixed(0).padStart(6)} ms   ${goal}`);
}

/** From one moment in the page until a condition holds there, looked at each frame. */
function until(page: Page, condition: string): Promise<number> {
  return page.evaluate(async (text) => {
    const holds = new Function(`return ${text}`) as () => boolean;
    while (!holds())
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    return performance.now();
  }, condition);
}

const drawnOf = (series: string): string =>
  `document.querySelector('[data-chart="train/loss"][data-state="drawn"]')?.dataset.series ${series}`;

async function openProject(browser: Browser, origin: string): Promise<{ page: Page; time: number }> {
  const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 }, bypassCSP: true })).newPage();
  await page.goto(`${origin}/p/many`, { waitUntil: "commit" });
  return { page, time: await until(page, drawnOf('=== "10"')) };
}

/** Does something in the page and waits for what it should show. */
async function after(page: Page, act: string, condition: string): Promise<number> {
  const begun = await page.evaluate((text) => {
    (new Function(text) as () => void)();
    return performance.now();
  }, `window.benchBegun = performance.now(); ${act}`);
  return (
    (await until(page, condition)) - Math.min(begun, await page.evaluate(() => (window as unknown as { benchBegun: number }).benchBegun))
  );
}

const type = (text: string): string =>
  `const box = document.querySelector('[data-action="search"]'); box.value = ${JSON.stringify(text)}; box.dispatchEvent(new Event('input', { bubbles: true }));`;
const rows = (count: string): string => `document.querySelector('[data-count]')?.dataset.count === "${count}"`;

async function measureStore(browser: Browser, origin: string): Promise<void> {
  const opens: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { page, time } = await openProject(browser, origin);
    opens.push(time);
    await page.context().close();
  }
  tell(`${RUNS} runs x ${POINTS} points: project, first chart (first time)`, opens[0] ?? NaN, "goal 1500");
  tell(`${RUNS} runs x ${POINTS} points: project, first chart (again)`, median(opens), "goal 1500");
  const { page } = await openProject(browser, origin);
  const filters: number[] = [];
  const sorts: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    filters.push(await after(page, type(`seed < ${100 + round}`), rows(String(100 + round))));
    filters.push(await after(page, type(""), rows(RUNS)));
    const up = round % 2 === 0;
    sorts.push(
      await after(
        page,
        "document.querySelector('[data-action=\"direction\"]').click()",
        `document.querySelector('.rail [data-run] a').textContent === "${up ? "run-0" : `run-${Number(RUNS) - 1}`}"`,
      ),
    );
  }
  tell("a filter", median(filters), "goal 300");
  tell("a sort", median(sorts), "goal 300");
  tell(
    "show all",
    await after(page, "document.querySelector('[data-action=\"show-all\"]').click()", drawnOf(`=== "${RUNS}"`)),
    "goal 4000",
  );
  await page.context().close();
}

/**
 * From a log call in another process, by its own clock, to the frame that shows its point: of all that came in
 * one update, that which waited longest.
 */
async function measureLive(browser: Browser, origin: string, store: string): Promise<void> {
  const training = spawn(join(BIN, "examples/page_fixture"), [store, "live", "bench"], { stdio: ["ignore", "pipe", "ignore"] });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, bypassCSP: true })).newPage();
  await page.goto(`${origin}/p/live`);
  await until(page, drawnOf('=== "1"'));
  const id = (await page.getAttribute(".rail [data-run]", "data-run")) ?? "";
  const lags: number[] = [];
  for (let round = 0; round < 4 * ROUNDS; round += 1) {
    const shown = await page.evaluate(async () => {
      const chart = document.querySelector<HTMLElement>("[data-chart]");
      const before = chart?.dataset["xMax"];
      while (chart?.dataset["xMax"] === before)
        await new Promise((resolve) => {
          requestAnimationFrame(resolve);
        });
      return { step: Number(before) + 1, at: Date.now() };
    });
    lags.push(shown.at - (await loggedAt(origin, id, shown.step)));
  }
  training.kill("SIGKILL");
  await page.context().close();
  tell("live: from log call to pixel, the longest wait of an update", median(lags), "goal 1000");
  tell("live: the same, the slowest update", Math.max(...lags), "goal 1000");
}

/** When a step was logged, from the store's own times. */
async function loggedAt(origin: string, run: string, step: number): Promise<number> {
  const body = JSON.stringify({ metrics: ["train/loss"], runs: [run], x: "wall", from: step, to: step });
  const answer = await fetch(`${origin}/api/v1/curves`, { method: "POST", headers: { "content-type": "application/json", origin }, body });
  const bytes = await answer.arrayBuffer();
  const header = new DataView(bytes).getUint32(8, true);
  const [series] = (JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 16, header))) as { series: { offset: number }[] }).series;
  return new DataView(bytes).getFloat64(16 + header + (series?.offset ?? 0), true) * 1000;
}

const store = mkdtempSync(join(tmpdir(), "tracker-bench-"));
execFileSync(join(BIN, "examples/page_fixture"), [store, "many", RUNS, POINTS], { stdio: "ignore" });
const server = spawn(join(BIN, "tracker"), ["ui", "--port", "0", "--no-open", "--json"], {
  env: { ...process.env, TRACKER_DIR: store },
  stdio: ["ignore", "pipe", "ignore"],
});
const said = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const { port } = JSON.parse((await said.next()).value as string) as { port: number };
const browser = await launch();
try {
  await measureStore(browser, `http://127.0.0.1:${port}`);
  await measureLive(browser, `http://127.0.0.1:${port}`, store);
} finally {
  await browser.close();
  server.kill();
  rmSync(store, { recursive: true, force: true });
}
