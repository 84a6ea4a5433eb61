/**
 * Makes the pictures of the documents: `npm run screenshots`, or one of its parts: `npm run screenshots -- trainings` from real
 * trainings, `npm run screenshots -- tour` from the store of the flows. Needs the release builds of `tracker`, and of
 * `candle-mnist` for the one, of the example `page_fixture` for the other.
 *
 * `npm run screenshots -- tour --all FOLDER` makes each picture of the tour light and dark, 1280 and 1920 wide, to be looked at.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Page } from "playwright-core";
import { launch } from "./browser.ts";
import { TOUR } from "./tour.ts";

const ROOT = join(import.meta.dirname, "../../..");
const BIN = join(process.env["CARGO_TARGET_DIR"] ?? join(ROOT, "target"), "release");
const OUT = join(ROOT, "docs/screenshots");
const RATES = ["0.0003", "0.001", "0.003", "0.01", "0.03"];

/** What the pictures of a store are taken of. */
export interface Place {
  /** Opens an address of the page, or a file. */
  open(page: Page, path: string): Promise<void>;
  id(name: string): string;
  /** Where `tracker report` with these arguments has written its file. */
  report(args: readonly string[]): string;
}

type Looks = { width: number; scheme: "light" | "dark"; name: string };
type Take = (page: Page, place: Place) => Promise<void>;

const store = mkdtempSync(join(tmpdir(), "tracker-screenshots-"));
const env = { ...process.env, TRACKER_DIR: store, TRACKER_PROGRESS: "off" };
const browser = await launch();

async function withStore(work: (place: Place) => Promise<void>): Promise<void> {
  const server = spawn(join(BIN, "tracker"), ["ui", "--port", "0", "--no-open", "--json"], { env, stdio: ["ignore", "pipe", "ignore"] });
  try {
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const { port } = JSON.parse((await lines.next()).value as string) as { port: number };
    const origin = `http://127.0.0.1:${port}`;
    const { runs } = (await (await fetch(`${origin}/api/v1/runs`)).json()) as { runs: { id: string; name: string }[] };
    await work({
      open: async (page, path) => {
        await page.goto(path.startsWith("file:") ? path : origin + path);
      },
      id: (name) => runs.find((run) => run.name === name)?.id ?? "",
      report: (args) => {
        const file = join(store, "report.html");
        execFileSync(join(BIN, "tracker"), ["report", "--force", "-o", file, ...args], { env, stdio: "ignore" });
        return `file://${file}`;
      },
    });
  } finally {
    server.kill();
  }
}

async function picture(place: Place, take: Take, { width, scheme, name }: Looks, folder: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height: width === 1280 ? 800 : 1080 }, colorScheme: scheme });
  await take(page, place);
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}

/** Five trainings of MNIST. */
async function trainings(): Promise<void> {
  for (const rate of RATES)
    execFileSync(join(BIN, "candle-mnist"), ["--epochs", "8", "--seed", "1", "--lr", rate], { env, stdio: "ignore" });
  await withStore(async (place) => {
    const { runs } = JSON.parse(execFileSync(join(BIN, "tracker"), ["ls", "--json"], { env, encoding: "utf8" })) as {
      runs: { id: string }[];
    };
    const all = runs.map((run) => `run=${run.id}`).join("&");
    const shown =
      (path: string): Take =>
      (page) =>
        place.open(page, path);
    await picture(place, shown("/p/mnist?x=epoch"), { width: 1280, scheme: "light", name: "runs" }, OUT);
    await picture(place, shown(`/c?${all}&tab=results`), { width: 1280, scheme: "light", name: "compare" }, OUT);
    await picture(place, shown(`/r/${runs[2]?.id ?? ""}?tab=charts&x=epoch`), { width: 1280, scheme: "dark", name: "run" }, OUT);
  });
}

/** What the page can do, on made-up runs. */
async function tour(folder: string | undefined): Promise<void> {
  const words = [[], ["steps"], ["studies"], ["layers", "deep", "30", "500"]];
  for (const more of words) execFileSync(join(BIN, "examples/page_fixture"), [store, ...more], { env, stdio: "ignore" });
  await withStore(async (place) => {
    for (const { name, scheme, take } of TOUR) {
      if (folder === undefined) await picture(place, take, { width: 1280, scheme, name }, OUT);
      else
        for (const width of [1280, 1920])
          for (const each of ["light", "dark"] as const)
            await picture(place, take, { width, scheme: each, name: `${name}-${width}-${each}` }, folder);
    }
  });
}

const [part, all, folder] = process.argv.slice(2);
mkdirSync(folder ?? OUT, { recursive: true });
try {
  if (part !== "tour") await trainings();
  if (part !== "trainings") await tour(all === "--all" ? folder : undefined);
} finally {
  await browser.close();
  rmSync(store, { recursive: true, force: true });
}
