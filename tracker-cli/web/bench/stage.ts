/** The real server over a store of the fixture's, and what is measured in a page of it. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";

const BIN = join(process.env["CARGO_TARGET_DIR"] ?? join(import.meta.dirname, "../../../target"), "release");
const TRACKER = process.env["TRACKER_BIN"] ?? join(BIN, "tracker");
export const FIXTURE = process.env["TRACKER_FIXTURE"] ?? join(BIN, "examples/page_fixture");

export interface Stage {
  browser: Browser;
  origin: string;
  store: string;
}

/** Serves a store that the fixture makes of these words, and takes it away. */
export async function onStore<T>(browser: Browser, words: readonly string[], measure: (stage: Stage) => Promise<T>): Promise<T> {
  const store = mkdtempSync(join(tmpdir(), "tracker-bench-"));
  if (words.length > 0) execFileSync(FIXTURE, [store, ...words], { stdio: "ignore" });
  const server = spawn(TRACKER, ["ui", "--port", "0", "--no-open", "--json"], {
    env: { ...process.env, TRACKER_DIR: store },
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const said = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
    const { port } = JSON.parse(said.value as string) as { port: number };
    return await measure({ browser, origin: `http://127.0.0.1:${port}`, store });
  } finally {
    server.kill();
    rmSync(store, { recursive: true, force: true });
  }
}

/** A new page of a browser that has nothing in its cache. */
export async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, bypassCSP: true });
  return context.newPage();
}

/** From the start of the page until a condition holds there, looked at each frame. */
export function until(page: Page, condition: string): Promise<number> {
  return page.evaluate(async (text) => {
    const holds = new Function(`return ${text}`) as () => boolean;
    while (!holds())
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    return performance.now();
  }, condition);
}

/** Does something in the page and waits for the frame that shows what it should. */
export function after(page: Page, act: string, condition: string): Promise<number> {
  return page.evaluate(
    async ([does, text]) => {
      const holds = new Function(`return ${text}`) as () => boolean;
      const begun = performance.now();
      (new Function(does as string) as () => void)();
      do
        await new Promise((resolve) => {
          requestAnimationFrame(() => setTimeout(resolve));
        });
      while (!holds());
      return performance.now() - begun;
    },
    [act, condition],
  );
}

/** Whether a chart of the first metric is drawn with so many curves. */
export const drawnOf = (series: string): string =>
  `document.querySelector('[data-chart="train/loss"][data-state="drawn"]')?.dataset.series ${series}`;
