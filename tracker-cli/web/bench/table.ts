/**
 * The benchmark of the page: `npm run bench` prints the table of docs/measured.md, `npm run bench -- curves` one part of it.
 * Needs the release builds of `tracker` and its example `page_fixture`.
 */
import { loadavg } from "node:os";
import type { Browser } from "playwright-core";
import { launch } from "../scripts/browser.ts";
import { curves, memory } from "./beside_echarts.ts";
import { live } from "./live_points.ts";
import { many, screen } from "./many_runs.ts";
import type { Row } from "./row.ts";
import { weight } from "./weight.ts";

const PARTS: Record<string, (browser: Browser) => Promise<Row[]>> = { curves, screen, many, live, weight, memory };
/** Takes minutes, and is asked for by its name. */
const LONG = ["memory"];

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  console.error(`there is no part ${unknown}\nhint: one of ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}

console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}\n\n| in the browser | measured | goal | |\n|---|---|---|---|`);
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 ? !asked.includes(name) : LONG.includes(name)) continue;
  // Each part has a browser of its own, so that none inherits what another left behind.
  const browser = await launch("--enable-precise-memory-info");
  try {
    for (const { what, measured, goal, isMet } of await measure(browser))
      console.log(`| ${what} | ${measured} | ${goal} | ${isMet ? "met" : "MISSED"} |`);
  } finally {
    await browser.close();
  }
}
