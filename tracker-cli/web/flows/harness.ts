/**
 * What each flow runs on: a store written by the tracker itself, the real `tracker ui`, and chromium. A
 * flow fails by any error in the console, any error of the page, any breach of its content policy, and
 * any answer of 400 or more that it has not announced.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch } from "../scripts/browser.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TARGET = process.env["CARGO_TARGET_DIR"] ?? join(ROOT, "target");
export const TRACKER = process.env["TRACKER_BIN"] ?? join(TARGET, "release/tracker");
const FIXTURE = process.env["TRACKER_FIXTURE"] ?? join(TARGET, "release/examples/page_fixture");

/** What a flow is given. */
export interface Stage {
  page: Page;
  /** The folder of this flow's own copy of the store. */
  store: string;
  /** Goes to an address of the page. */
  go(path: string): Promise<void>;
  /** The id of the run of this name. */
  id(name: string): Promise<string>;
  /** Starts a training that logs until it is stopped or killed. */
  train(name: string): Promise<Training>;
  /** Writes into the store what the fixture makes of these words. */
  write(words: readonly string[], environment?: Record<string, string>): Promise<void>;
  /** Starts another server of the store, with these arguments; answers what it prints. */
  serve(args: readonly string[]): Promise<{ url: string; port: number }>;
  /** Runs `tracker report` with these arguments. */
  report(args: readonly string[]): Promise<void>;
  /** From here on, answers of this status are part of the flow. */
  expectStatus(status: number): void;
}

export interface Training {
  id: string;
  process: ChildProcess;
}

let browser: Browser | undefined;
let fixture: string | undefined;

/** One flow, on a copy of the store of its own; an empty one where `store` says so. */
export function flow(name: string, run: (stage: Stage) => Promise<void>, store: "full" | "empty" = "full"): void {
  test(name, { timeout: 180_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "tracker-flow-"));
    const ended: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })];
    try {
      if (store === "full") cpSync(await fixtureStore(), folder, { recursive: true });
      await onStage(folder, ended, run);
    } finally {
      for (const end of ended.reverse()) await end();
    }
  });
}

after(async () => {
  await browser?.close();
  if (fixture) rmSync(fixture, { recursive: true, force: true });
});

async function fixtureStore(): Promise<string> {
  if (!fixture) {
    fixture = mkdtempSync(join(tmpdir(), "tracker-fixture-"));
    const [code] = (await once(spawn(FIXTURE, [fixture], { stdio: "ignore" }), "exit")) as [number];
    assert.equal(code, 0, `${FIXTURE} failed: build it with cargo build --release -p tracker-cli --example page_fixture`);
  }
  return fixture;
}

async function onStage(store: string, ended: (() => unknown)[], run: (stage: Stage) => Promise<void>): Promise<void> {
  const { said, child } = await serve(store, []);
  const origin = `http://127.0.0.1:${said.port}`;
  ended.push(() => child.kill());
  browser ??= await launch("--host-resolver-rules=MAP *.test 127.0.0.1");
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", acceptDownloads: true });
  ended.push(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const wrong: string[] = [];
  const expected = new Set<number>();
  listen(page, wrong, expected);
  await run({
    page,
    store,
    go: async (path) => {
      await page.goto(origin + path);
    },
    id: (name) => idOf(origin, name),
    train: (name) => train(store, name, ended),
    write: (words, environment) => writeFixture(store, words, environment),
    serve: async (args) => {
      const { said, child } = await serve(store, args);
      ended.push(() => child.kill());
      return said;
    },
    report: (args) => writeReport(store, args),
    expectStatus: (status) => expected.add(status),
  });
  assert.deepEqual(wrong, []);
}

/** What a browser says of every page that comes over HTTP from a name, which is what people have in their own network. */
const OF_PLAIN_HTTP = /Cross-Origin-Opener-Policy header has been ignored/;

function listen(page: Page, wrong: string[], expected: Set<number>): void {
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text()) && !OF_PLAIN_HTTP.test(message.text()))
      wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`page: ${error.message}`));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !expected.has(response.status())) wrong.push(`${response.status()}: ${response.url()}`);
  });
}

async function idOf(origin: string, name: string): Promise<string> {
  const { runs } = (await (await fetch(`${origin}/api/v1/runs`)).json()) as { runs: { id: string; name: string }[] };
  const found = runs.find((each) => each.name === name);
  assert.ok(found, `no run is called ${name}`);
  return found.id;
}

async function serve(store: string, args: readonly string[]): Promise<{ said: { url: string; port: number }; child: ChildProcess }> {
  const child = spawn(TRACKER, ["ui", "--port", "0", "--no-open", "--json", ...args], {
    env: { ...process.env, TRACKER_DIR: store },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return { said: JSON.parse(await firstLine(child)) as { url: string; port: number }, child };
}

async function writeFixture(store: string, words: readonly string[], environment: Record<string, string> = {}): Promise<void> {
  const env = { ...process.env, ...environment };
  const [code] = (await once(spawn(FIXTURE, [store, ...words], { stdio: "ignore", env }), "exit")) as [number];
  assert.equal(code, 0);
}

async function writeReport(store: string, args: readonly string[]): Promise<void> {
  const [code] = (await once(
    spawn(TRACKER, ["report", ...args], { env: { ...process.env, TRACKER_DIR: store }, stdio: "ignore" }),
    "exit",
  )) as [number];
  assert.equal(code, 0);
}

async function train(store: string, name: string, ended: (() => unknown)[]): Promise<Training> {
  const child = spawn(FIXTURE, [store, "live", name], { stdio: ["ignore", "pipe", "ignore"] });
  ended.push(() => child.kill("SIGKILL"));
  return { id: await firstLine(child), process: child };
}

async function firstLine(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the process ended without a word");
}

/** Waits until the chart of a metric is drawn, and gives what it says of itself. */
export async function drawn(page: Page, metric: string): Promise<Record<string, string>> {
  const chart = page.locator(`[data-chart="${metric}"]`).first();
  await eventually(`the chart of ${metric} is drawn`, async () => {
    // A page that is followed live may put the chart elsewhere at this moment. Playwright's own scrolling fails
    // then; this does nothing, and the next round scrolls to where it is now.
    await chart.evaluate((element) => element.scrollIntoView({ block: "nearest" }));
    return (await page.locator(`[data-chart="${metric}"][data-state="drawn"]`).count()) > 0;
  });
  return chart.evaluate((element) => ({ ...(element as HTMLElement).dataset }) as Record<string, string>);
}

/** How many lines the chart of a metric has. */
export async function lines(page: Page, metric: string): Promise<number> {
  return Number((await drawn(page, metric))["series"]);
}

/** Waits until something becomes true on the page. */
export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 20_000;
  while (!(await check())) {
    assert.ok(Date.now() < until, `never: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
