/** The tasks "where the loss spiked, and what was there", "pictures of two runs at one step", "why it is better" and "baseline". */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { faults } from "./access.ts";
import { counted } from "./clicks.ts";
import { drawn, eventually, flow } from "./harness.ts";

/** Where a point of a chart's plane is on the screen, by shares of its axes. */
async function placeOf(page: Page, metric: string, x: number, y: number): Promise<{ x: number; y: number }> {
  const of = await drawn(page, metric);
  const box = await page.locator(`[data-chart="${metric}"] .u-over`).first().boundingBox();
  assert.ok(box);
  const share = (value: number, low: string | undefined, high: string | undefined): number =>
    (value - Number(low)) / (Number(high) - Number(low));
  return { x: box.x + box.width * share(x, of["xMin"], of["xMax"]), y: box.y + box.height * (1 - share(y, of["yMin"], of["yMax"])) };
}

const panel = (step: string): string => `[data-step-panel="${step}"][data-ready="true"]`;

flow("where the loss spiked, and what was there: one click on the step", async ({ page, go, write }) => {
  await write(["steps"]);
  await go("/p/steps");
  const mouse = counted(page);
  const spike = await placeOf(page, "train/loss", 12_345, 77);
  await mouse.at(spike.x, spike.y + 2);
  const shown = page.locator(panel("12345"));
  await shown.waitFor();
  assert.equal(mouse.clicks(), 1);
  const row = shown.locator('[data-metric="train/loss"]');
  await row.locator('td[data-at="12345"]').filter({ hasText: "77" }).waitFor();
  await shown.locator('[data-metric="valid/loss"] td[data-at="12000"] .step-earlier').first().waitFor();
  await shown.locator('[data-alert="program"]').filter({ hasText: "the loss jumped to 77" }).waitFor();
  await shown.locator('[data-artifact="model"]').waitFor();
  await shown.locator("[data-step-part=messages] li").filter({ hasText: "batch 6172 is odd" }).waitFor();
  await shown.locator("[data-step-part=text]").filter({ hasText: "words of step 10000" }).first().waitFor();
  await shown.locator('[data-step-part=histogram][data-name="parameters/fc.weight"]').first().waitFor();
  await eventually("the picture is decoded", () =>
    shown
      .locator('[data-step-part=media][data-name="samples"] img')
      .first()
      .evaluate((image) => (image as HTMLImageElement).naturalWidth === 8),
  );
  const { searchParams } = new URL(page.url());
  assert.deepEqual([searchParams.get("step"), searchParams.get("told")], ["12345", "1"]);
  await page.click('[data-action="step-before"]');
  await page.locator(panel("12344")).waitFor();
  await page.reload();
  await page.locator(panel("12344")).waitFor();
  assert.deepEqual(await faults(page), []);
  await page.keyboard.press("Escape");
  await eventually("it is closed", async () => (await page.locator("[data-step-panel]").count()) === 0);
});

flow("a drag zooms and a double click leads back, and neither opens a step", async ({ page, go, write }) => {
  await write(["steps"]);
  await go("/p/steps");
  const [from, to] = [await placeOf(page, "train/loss", 5_000, 40), await placeOf(page, "train/loss", 15_000, 40)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  const zoomed = page.locator('[data-chart="train/loss"] [data-action="reset"]');
  await zoomed.waitFor();
  await page.mouse.dblclick(from.x, from.y);
  await eventually("the whole is back", async () => (await zoomed.count()) === 0);
  await page.waitForTimeout(400);
  assert.equal(await page.locator("[data-step-panel]").count(), 0);
});

flow("a step is opened by the keyboard alone, and ticks say what was there", async ({ page, go, write }) => {
  await write(["steps"]);
  await go("/p/steps");
  await drawn(page, "train/loss");
  const chart = page.locator('[data-chart="train/loss"]');
  await eventually("ticks of warnings, an alert and a fork", async () => {
    const ticks = Number(await chart.getAttribute("data-ticks"));
    return ticks > 100 && ticks < 300;
  });
  await chart.locator(".chart-body").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.locator(".chart-tip-head").waitFor();
  await page.keyboard.press("Enter");
  await page.locator('[data-step-panel][data-ready="true"]').waitFor();
  await page.keyboard.press("Escape");
  await page.selectOption('[data-action="marks"]', "none");
  await eventually("no ticks any more", async () => (await chart.getAttribute("data-ticks")) === "0");
});

flow("pictures of two runs at one step: two clicks, and the slider moves the charts' line", async ({ page, go, write, id }) => {
  await write(["steps"]);
  const [even, spiky] = [await id("even"), await id("spiky")];
  await go(`/p/steps?draw=none&show=${even}&show=${spiky}`);
  await drawn(page, "train/loss");
  const mouse = counted(page);
  await mouse.click('a[data-action="compare"]');
  await mouse.click('[data-tab="media"]');
  await page.locator("[data-media-compared]").waitFor();
  assert.equal(mouse.clicks(), 2);
  await page.locator('[data-input="media-name"]').selectOption("samples");
  const captions = page.locator("[data-side] figcaption");
  await eventually("both at the last step", async () => (await captions.filter({ hasText: "of step 15000" }).count()) === 2);
  await page.locator("[data-media-compared] .media-slider").fill("1");
  await eventually("both at another", async () => (await captions.filter({ hasText: "of step 5000" }).count()) === 2);
  assert.equal(new URL(page.url()).searchParams.get("step"), "5000");
  await page.click('[data-tab="charts"]');
  assert.equal((await drawn(page, "train/loss"))["step"], "5000");
  await page.locator('[data-chart="train/loss"] .chart-step:not([hidden])').waitFor();
});

flow("the baseline is one click, and why a run is better is one more", async ({ page, go, write, id }) => {
  await write(["steps"]);
  const [even, spiky] = [await id("even"), await id("spiky")];
  await go("/p/steps?tab=table");
  const mouse = counted(page);
  await page.hover(`.rail [data-run="${even}"]`);
  await mouse.click(`.rail [data-run="${even}"] [data-action="baseline"]`);
  assert.equal(mouse.clicks(), 1);
  await page.locator(`.runs-table [data-run="${spiky}"] td[data-column="summary:train/loss"] .delta`).waitFor();
  await page.locator(`.runs-table [data-run="${spiky}"] td[data-column="config:lr"][data-differs="true"]`).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("base"), even);
  await go("/p/steps");
  await eventually("it is kept", async () => new URL(page.url()).searchParams.get("base") === even);
  await page.hover(`.rail [data-run="${spiky}"]`);
  await mouse.click(`.rail [data-run="${spiky}"] [data-action="why"]`);
  assert.equal(mouse.clicks(), 2);
  await page.locator('[data-why="config"] [data-name="lr"]').filter({ hasText: "0.1" }).waitFor();
  assert.equal(await page.locator('[data-why="config"] [data-name="model.hidden"]').count(), 0, "what is the same is not told");
  const first = page.locator('[data-why="divergence"] [data-text="first"]');
  await first.filter({ hasText: "They first differ at step 1: train/loss." }).waitFor();
  await page.click('[data-action="show-step"]');
  await page.locator(panel("1")).waitFor();
  await page.locator(`${panel("1")} [data-metric="train/loss"] .delta`).waitFor();
});

flow("a run's page makes it the baseline, and takes it back", async ({ page, go, write, id }) => {
  await write(["steps"]);
  const even = await id("even");
  await go(`/r/${even}`);
  const button = page.locator('.run-head [data-action="baseline"]');
  await button.click();
  await page.locator('.run-head [data-action="baseline"][aria-pressed="true"]').waitFor();
  await go("/p/steps");
  await page.locator(`.rail [data-run="${even}"] .is-baseline`).waitFor();
  await go(`/r/${even}`);
  await page.locator('.run-head [data-action="baseline"][aria-pressed="true"]').waitFor();
  await button.click();
  await go("/p/steps");
  await page.locator(`.rail [data-run="${even}"]`).waitFor();
  assert.equal(await page.locator(".rail .is-baseline").count(), 0);
});

flow("what differs since the last run stands on the run's page", async ({ page, go, write, id }) => {
  await write(["steps"]);
  await go(`/r/${await id("spiky")}`);
  await page.locator('[data-text="since"]').filter({ hasText: "Since the last run, even: lr 0.01 → 0.1" }).waitFor();
});
