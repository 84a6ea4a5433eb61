/** How quick the page is with many runs and many charts, with the real server. */
import type { Browser, Page } from "playwright-core";
import { times } from "./row.ts";
import type { Row } from "./row.ts";
import { after, drawnOf, newPage, onStore, until } from "./stage.ts";

const ROUNDS = 5;
const POINTED = 20;
const RUNS = process.env["TRACKER_BENCH_RUNS"] ?? "1000";
const POINTS = process.env["TRACKER_BENCH_POINTS"] ?? "1000";

/** The charts on the first screen are drawn, each with a curve of each run. */
const SCREEN = `(() => {
  const seen = [...document.querySelectorAll("[data-chart]")].filter((chart) => chart.getBoundingClientRect().top < innerHeight);
  return seen.length >= 8 && seen.every(({ dataset }) => dataset.state === "drawn" && Number(dataset.series) === 100);
})()`;

/** 100 runs of 40 metrics, all drawn: the first screen, and pointing from run to run. */
export function screen(browser: Browser): Promise<Row[]> {
  return onStore(browser, ["dense", "100"], async ({ origin }) => {
    const opened: number[] = [];
    const pointed: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const page = await newPage(browser);
      await page.goto(`${origin}/p/language-model?draw=all`, { waitUntil: "commit" });
      opened.push(await until(page, SCREEN));
      if (round === ROUNDS - 1) pointed.push(...(await pointAtRuns(page)));
      await page.context().close();
    }
    return [
      times("100 runs × 40 metrics, all drawn: first screen", opened, 700),
      times("100 runs × 40 metrics, all drawn: pointing at another run", pointed, 50),
    ];
  });
}

async function pointAtRuns(page: Page): Promise<number[]> {
  await page.waitForTimeout(2000);
  const all: number[] = [];
  for (let at = 0; at < POINTED; at += 1) {
    const row = `document.querySelectorAll(".rail [data-run]")[${at}]`;
    all.push(await after(page, `${row}.dispatchEvent(new PointerEvent("pointerenter"))`, `${row}.dataset.highlight === "true"`));
  }
  return all;
}

const typed = (text: string): string =>
  `const box = document.querySelector('[data-action="search"]'); box.value = ${JSON.stringify(text)}; box.dispatchEvent(new Event("input", { bubbles: true }));`;
const chosen = (action: string, value: string): string =>
  `const list = document.querySelector('[data-action="${action}"]'); list.value = ${JSON.stringify(value)}; list.dispatchEvent(new Event("change", { bubbles: true }));`;
const rows = (count: string | number): string => `document.querySelector("[data-count]")?.dataset.count === "${count}"`;
const GROUPS = `document.querySelectorAll(".rail [data-group]").length`;

/** A thousand runs: found, filtered, sorted and grouped. */
export function many(browser: Browser): Promise<Row[]> {
  return onStore(browser, ["many", RUNS, POINTS], async ({ origin }) => {
    const opened: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const page = await newPage(browser);
      await page.goto(`${origin}/p/many`, { waitUntil: "commit" });
      opened.push(await until(page, drawnOf('=== "10"')));
      await page.context().close();
    }
    const page = await newPage(browser);
    await page.goto(`${origin}/p/many`);
    await until(page, drawnOf('=== "10"'));
    await page.waitForTimeout(1000);
    const [filters, sorts, groups]: number[][] = [[], [], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      filters?.push(await after(page, typed(`seed < ${100 + round}`), rows(100 + round)));
      filters?.push(await after(page, typed(""), rows(RUNS)));
      const first = round % 2 === 0 ? "run-0" : `run-${Number(RUNS) - 1}`;
      const turn = `document.querySelector('[data-action="direction"]').click()`;
      sorts?.push(await after(page, turn, `document.querySelector(".rail [data-run] a").textContent === "${first}"`));
      groups?.push(await after(page, chosen("group-by", "config:lr"), `${GROUPS} > 0`));
      groups?.push(await after(page, chosen("group-by", ""), `${GROUPS} === 0`));
      // What was drawn for it ends before the next is measured.
      await page.waitForTimeout(500);
    }
    const scatter = await after(
      page,
      `document.querySelector('[data-tab="settings"]').click()`,
      `document.querySelector("[data-scatter]")?.dataset.points === "${RUNS}"`,
    );
    await page.context().close();
    const of = `${Number(RUNS).toLocaleString("en")} runs of ${Number(POINTS).toLocaleString("en")} points`;
    return [
      times(`${of}: the project's page, to the first chart`, opened, 1000),
      times(`${of}: a filter`, filters ?? [], 100),
      times(`${of}: a sort`, sorts ?? [], 100),
      times(`${of}: a grouping`, groups ?? [], 100),
      times(`${of}: settings against results`, [scatter], 500),
    ];
  });
}
