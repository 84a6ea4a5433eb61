import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually, flow } from "./harness.ts";

/**
 * What a copy puts on the clipboard, after the selection of this element's content. The page listens before
 * the keys are pressed: keys take another way to it than a script does, and may overtake one.
 */
async function copied(page: Page, selector: string): Promise<string> {
  await page.evaluate((wanted) => {
    delete document.body.dataset["copied"];
    document.addEventListener(
      "copy",
      (event) => {
        document.body.dataset["copied"] = event.clipboardData?.getData("text/plain") ?? "";
      },
      { once: true },
    );
    const element = document.querySelector(wanted);
    if (element) getSelection()?.selectAllChildren(element);
  }, selector);
  await page.keyboard.press("Control+c");
  await page.locator("body[data-copied]").waitFor();
  return (await page.locator("body").getAttribute("data-copied")) ?? "";
}

flow("settings stand as they are in the config, in the table and in a comparison", async ({ page, go, id }) => {
  const [a, b] = [await id("exact a"), await id("exact b")];
  const config = async (path: string): Promise<string | null> =>
    page
      .locator("[data-path]")
      .filter({ has: page.locator("th", { hasText: new RegExp(`^${path}$`) }) })
      .locator("td")
      .textContent();
  await go(`/r/${a}?tab=config`);
  await page.locator("[data-path=seed]").waitFor();
  for (const [path, value] of [
    ["seed", "18446744073709551615"],
    ["small", "4294967295"],
    ["rate", "0.000123456789"],
    ["one", "1.0"],
    ["a\\.b", "2"],
    ['"a\\.b"', "1"],
  ] as const)
    assert.equal(await config(path), value, path);
  await go(`/c?run=${a}&run=${b}&tab=config`);
  await page.locator("[data-path=seed]").waitFor();
  assert.deepEqual(await page.locator("[data-path=seed] td").allTextContents(), ["18446744073709551615", "18446744073709551614"]);
  await go("/p/exact?tab=table&col=name&col=config:seed&col=config:small&col=config:rate&col=summary:loss");
  const row = `tr[data-run="${a}"]`;
  await page.locator(row).waitFor();
  const cell = (column: string) => page.locator(`${row} td[data-column="${column}"]`);
  assert.equal(await cell("config:seed").textContent(), "18446744073709551615");
  assert.equal(await cell("config:small").textContent(), "4294967295");
  assert.equal(await cell("config:rate").textContent(), "1.2346e-4");
  assert.equal(await cell("config:rate").locator("[title]").getAttribute("title"), "0.000123456789");
  assert.match((await cell("summary:loss").locator("[title]").getAttribute("title")) ?? "", /^0\.123456789012, /);
  assert.equal(await copied(page, `${row} td[data-column="config:rate"]`), "0.000123456789");
  assert.match(await copied(page, row), /exact a.*\t18446744073709551615\t4294967295\t0\.000123456789\t0\.123456789012$/);
  await page.fill('[data-action="search"]', "seed = 18446744073709551614");
  await eventually(
    "one of two seeds that look alike to a rounding page",
    async () => (await page.locator(".rail [data-run]").count()) === 1,
  );
  assert.equal(await page.locator(".rail [data-run]").getAttribute("data-run"), b);
});

flow("a run has one colour on all pages and in a report, and no two that are drawn share one", async ({ page, go, id, store, report }) => {
  await go("/p/sweep");
  const eyes = page.locator('[data-eye][aria-pressed="true"]');
  await eyes.first().waitFor();
  const seen = new Map(
    await eyes.evaluateAll((all) => all.map((eye) => [eye.getAttribute("data-eye") ?? "", eye.getAttribute("data-color") ?? ""] as const)),
  );
  assert.equal(seen.size, 10);
  assert.equal(new Set(seen.values()).size, 10);
  const rgb = async (selector: string): Promise<string> =>
    page
      .locator(selector)
      .first()
      .evaluate((swatch) => getComputedStyle(swatch).color);
  const hex = (color: string): string =>
    `#${(color.match(/\d+/g) ?? []).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
  const [first, second, baseline] = [await id("lr0.003-seed0"), await id("lr0.03-seed2"), await id("baseline")];
  const places = [`/c?run=${first}&run=${second}`, `/c?run=${second}&run=${baseline}&run=${first}`];
  for (const place of places) {
    await go(place);
    for (const run of [first, second]) assert.equal(hex(await rgb(`.chip[data-run="${run}"] .swatch`)), seen.get(run), place);
  }
  for (const run of [first, second]) {
    await go(`/r/${run}`);
    await eventually("its colour", async () => hex(await rgb(".run-head .swatch")) === seen.get(run));
  }
  const file = `${store}/report.html`;
  await report(["-o", file, second, first]);
  await page.goto(`file://${file}`);
  for (const run of [first, second]) assert.equal(hex(await rgb(`.chip[data-run="${run}"] .swatch`)), seen.get(run), "in the report");
});

flow(
  "of fifty thousand metrics, what is near the screen is drawn, and all are found",
  async ({ page, go, id, write }) => {
    await write(["wide", "50000"]);
    const run = await id("wide");
    const elements = (): Promise<number> => page.evaluate(() => document.querySelectorAll("*").length);
    await go(`/r/${run}`);
    await page.locator('[data-metric="layers/weight-00000"]').or(page.locator("[data-metric]").first()).first().waitFor();
    assert.ok((await elements()) <= 2000, `the overview has ${await elements()} elements`);
    await page.fill('[data-action="filter-results"]', "weight-49998$");
    await page.locator('[data-metric="layers/weight-49998"] [data-value="last"]', { hasText: "49998" }).waitFor();
    await page.fill('[data-action="filter-results"]', "");
    await page.locator(".results-box").evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await eventually(
      "the last rows",
      async () => (await page.locator("[data-metric]").last().getAttribute("data-metric")) !== null && (await elements()) <= 2000,
    );
    for (const place of [`/r/${run}?tab=charts`, "/p/wide", "/p/wide?tab=table"]) {
      await go(place);
      await page.locator(".chart, .runs-table").first().waitFor();
      assert.ok((await elements()) <= 5000, `${place} has ${await elements()} elements`);
    }
  },
  "empty",
);
