import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { drawn, eventually, flow, lines } from "./harness.ts";
import { dragAcross, pointAt } from "./pointer.ts";

const ROWS = ".rail [data-run]";

flow("a project opens with the ten newest of its runs drawn, and all on demand", async ({ page, go }) => {
  await go("/p/sweep");
  assert.equal(await lines(page, "train/loss"), 10);
  assert.equal(await page.locator(ROWS).count(), 12);
  await page.click('[data-action="show-all"]');
  await eventually("twelve curves", async () => (await lines(page, "train/loss")) === 12);
  assert.match(page.url(), /draw=all/);
});

flow("a search from a link that hangs other matchers is answered at once", async ({ page, go }) => {
  await go(`/p/sweep?q=${encodeURIComponent("/^(([a-z0-9.]+)+-*)+!$/")}&m=${encodeURIComponent("(a+)+$")}`);
  await page.locator('[data-action="clear-search"]').waitFor();
  await page.fill('[data-action="search"]', "/seed(?=0)/");
  await page.locator('[data-notice="query"]', { hasText: "is not known here" }).waitFor();
});

flow("a search narrows the list and the charts, and one that makes no sense keeps them and says so", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.fill('[data-action="search"]', "lr < 0.005 and state = finished");
  await eventually("six runs", async () => (await page.locator(ROWS).count()) === 6);
  await eventually("six curves", async () => (await lines(page, "train/loss")) === 6);
  await page.fill('[data-action="search"]', "lr <");
  await page.waitForSelector('[data-notice="query"]');
  assert.equal(await page.locator(ROWS).count(), 12);
  await page.fill('[data-action="search"]', "nothing-like-this");
  await page.click('[data-action="clear-search"]');
  await eventually("all runs", async () => (await page.locator(ROWS).count()) === 12);
});

flow("a closed eye takes its curve away, and the address and the colour outlive a reload", async ({ page, go }) => {
  await go("/p/sweep");
  const before = await lines(page, "train/loss");
  const eye = page.locator("[data-eye]").first();
  const [id, color] = [await eye.getAttribute("data-eye"), await eye.getAttribute("data-color")];
  await eye.click();
  await eventually("one curve less", async () => (await lines(page, "train/loss")) === before - 1);
  await page.reload();
  assert.equal(await lines(page, "train/loss"), before - 1);
  const again = page.locator(`[data-eye="${id}"]`);
  assert.equal(await again.getAttribute("aria-pressed"), "false");
  assert.equal(await again.getAttribute("data-color"), color);
});

flow("smoothing and axes stand in the address, and the back button takes them back", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.click('[data-action="ylog"]');
  await page.selectOption('[data-action="x"]', "relative");
  await page.locator('[data-action="smooth"]').fill("0.9");
  await eventually("the address", async () => /ylog=1/.test(page.url()) && /x=relative/.test(page.url()) && /smooth=0.9/.test(page.url()));
  await page.reload();
  await drawn(page, "train/loss");
  assert.equal(await page.getAttribute('[data-action="ylog"]', "aria-pressed"), "true");
  await page.goBack();
  await eventually("x is the step again", async () => (await page.inputValue('[data-action="x"]')) === "step");
});

flow("a drag zooms to fewer points, and a double click shows the whole curve with its spike again", async ({ page, go }) => {
  await go("/p/sweep?draw=none&m=spike");
  await page.locator("[data-eye]").first().click();
  const whole = await drawn(page, "spike");
  assert.ok(Number(whole["yMax"]) >= 1000, "the spike survives");
  const over = page.locator('[data-chart="spike"] .u-over');
  await dragAcross(page, over, [0.2, 0.3], [0.3, 0.3]);
  await eventually("a zoom", async () => Number((await drawn(page, "spike"))["xMax"]) < Number(whole["xMax"]) * 0.7);
  await eventually("fewer points", async () => Number((await drawn(page, "spike"))["points"]) < Number(whole["points"]) * 0.5);
  await over.dblclick();
  await eventually("the whole", async () => (await drawn(page, "spike"))["xMax"] === whole["xMax"]);
});

flow("the tooltip lists the runs by value, the greatest first", async ({ page, go }) => {
  await go("/p/sweep?m=valid/loss");
  await drawn(page, "valid/loss");
  await pointAt(page.locator('[data-chart="valid/loss"] .u-over'), [0.5, 0.5]);
  await page.locator(".chart-tip .chart-tip-row").first().waitFor();
  const values = (await page.locator(".chart-tip-value").allTextContents()).map(Number);
  assert.ok(values.length > 3);
  assert.deepEqual(
    values,
    [...values].sort((a, b) => b - a),
  );
});

flow("the table sorts, marks the best and is saved as CSV that no spreadsheet runs", async ({ page, go }) => {
  await go("/p/sweep?tab=table");
  const heading = (column: string) => page.locator(`th[data-column="${column}"]`).textContent();
  assert.match((await heading("summary:valid/loss")) ?? "", /^valid\/loss \(best\)/);
  await page.click('th[data-column="summary:valid/loss"] button');
  await eventually("sorted", async () => /sort=summary/.test(page.url()));
  const column = page.locator('td[data-column="summary:valid/loss"]');
  const values = (await column.allTextContents()).map(Number);
  assert.equal(values.length, 12);
  assert.deepEqual(
    values,
    [...values].sort((a, b) => a - b),
  );
  assert.equal(await column.first().getAttribute("data-best"), "true");
  assert.equal(await page.locator('td[data-column="summary:valid/loss"][data-best="true"]').count(), 1);
  await page.click('[data-action="columns"]');
  await page.locator(".picker-box label", { hasText: "config:=1+1" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.click('[data-action="table-csv"]')]);
  const csv = readFileSync(await download.path(), "utf8");
  assert.match(csv.split("\n")[0] ?? "", /config:=1\+1/);
  assert.match(csv, /'@cell/);
  assert.equal(csv.trim().split("\n").length, 13);
});

flow("a chart is saved as a picture and as numbers", async ({ page, go }) => {
  await go("/p/sweep?m=valid/loss");
  await drawn(page, "valid/loss");
  const save = async (action: string): Promise<Buffer> => {
    await page.click('[data-action="menu"]');
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[data-action="${action}"]`)]);
    return readFileSync(await download.path());
  };
  assert.deepEqual([...(await save("png")).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  assert.ok((await save("csv")).toString().split("\n").length > 10_000);
});

flow("seeds of one group become one line with a band", async ({ page, go }) => {
  await go("/p/sweep?draw=all");
  assert.equal(await lines(page, "train/loss"), 12);
  await page.selectOption('[data-action="group-by"]', "group");
  await eventually("four lines", async () => (await lines(page, "train/loss")) === 4);
  assert.equal(await page.locator(".rail [data-group]").count(), 4);
  await page.selectOption('[data-action="band"]', "minmax");
  await eventually("the address", async () => /band=minmax/.test(page.url()));
  await page.click('[data-action="grouped"]');
  await eventually("twelve lines", async () => (await lines(page, "train/loss")) === 12);
});

flow("names that look like HTML or turn the writing are text", async ({ page, go }) => {
  await go("/p/odd");
  await page.waitForSelector(ROWS);
  const names = await page.locator(`${ROWS} a`).allTextContents();
  assert.ok(names.includes("<img src=x onerror=alert(1)>"), names.join());
  assert.ok(names.includes("evilgnp.exe"), names.join());
  assert.equal(names.filter((name) => name.startsWith("twin · ")).length, 2, "two runs of one name show their ids");
  assert.equal(await page.locator("main img").count(), 0);
});

flow("a curve that diverged says at which step, and odd series do not stop the others", async ({ page, go }) => {
  await go("/p/odd?draw=all");
  assert.ok(Number((await drawn(page, "train/loss"))["notFinite"]) >= 1);
  await page.locator('[data-chart="train/loss"] .chart-notes').filter({ hasText: "diverged at step 812: NaN" }).waitFor();
  assert.ok(Number((await drawn(page, "single"))["points"]) >= 1);
  await page.locator('[data-chart="nan"]').scrollIntoViewIfNeeded();
  await page.locator('[data-chart="nan"]:not([data-state="idle"]):not([data-state="loading"])').waitFor();
  await drawn(page, "far");
  assert.equal(await page.locator('[data-chart="kept/secret"]').count(), 0, "hidden metrics have no chart");
});
