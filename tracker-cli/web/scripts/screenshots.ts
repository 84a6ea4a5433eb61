/**
 * Makes the pictures of the README from real trainings: `npm run screenshots`. Needs the release builds of
 * `candle-mnist` and `tracker`.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { launch } from "./browser.ts";
import type { Page } from "playwright-core";

const ROOT = join(import.meta.dirname, "../../..");
const BIN = join(process.env["CARGO_TARGET_DIR"] ?? join(ROOT, "target"), "release");
const OUT = join(ROOT, "docs/screenshots");
const RATES = ["0.0003", "0.001", "0.003", "0.01", "0.03"];

const store = mkdtempSync(join(tmpdir(), "tracker-screenshots-"));
const env = { ...process.env, TRACKER_DIR: store, TRACKER_PROGRESS: "off" };
for (const rate of RATES) execFileSync(join(BIN, "candle-mnist"), ["--epochs", "8", "--seed", "1", "--lr", rate], { env, stdio: "ignore" });

const server = spawn(join(BIN, "tracker"), ["ui", "--port", "0", "--no-open", "--json"], { env, stdio: ["ignore", "pipe", "ignore"] });
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const { port } = JSON.parse((await lines.next()).value as string) as { port: number };
const origin = `http://127.0.0.1:${port}`;
const { runs } = (await (await fetch(`${origin}/api/v1/runs`)).json()) as { runs: { id: string }[] };

async function picture(page: Page, path: string, name: string): Promise<void> {
  await page.goto(origin + path);
  await page.locator('[data-chart][data-state="drawn"], .plain-table').first().waitFor();
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
}

mkdirSync(OUT, { recursive: true });
const browser = await launch();
try {
  const light = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
  await picture(light, "/p/mnist?x=epoch", "runs");
  await picture(light, `/c?${runs.map((run) => `run=${run.id}`).join("&")}&tab=results`, "compare");
  const dark = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" });
  await picture(dark, `/r/${runs[2]?.id ?? ""}?tab=charts&x=epoch`, "run");
} finally {
  await browser.close();
  server.kill();
  rmSync(store, { recursive: true, force: true });
}
