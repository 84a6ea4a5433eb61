import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { drawn, eventually, flow } from "./harness.ts";

flow("the keys open help, search, full screen and the list of places", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.keyboard.press("?");
  await page.locator('[data-dialog="help"]').waitFor();
  await page.keyboard.press("Escape");
  await eventually("closed", async () => (await page.locator("dialog").count()) === 0);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-action")), "search");
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.hover('[data-chart="train/loss"]');
  await page.keyboard.press("f");
  const full = page.locator('.chart-full[data-chart="train/loss"]');
  await full.waitFor();
  assert.equal(await full.locator(".chart-legend li").count(), 10, "a full screen hides the list, so it names its curves");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-action")), "full");
  for (let at = 0; at < 4; at += 1) await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement?.closest(".chart-full")), "the focus is not on what the chart hides");
  await page.keyboard.press("Escape");
  await eventually("the screen is left", async () => (await full.count()) === 0);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("baseline");
  await page.locator('[role="option"]').filter({ hasText: "baseline" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator('[data-page="run"]').waitFor();
});

/** The sum of all colours on the first chart's canvas. */
function ink(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector("[data-chart] canvas") as HTMLCanvasElement;
    const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum += ((data[at] ?? 0) * (data[at + 3] ?? 0)) / 255;
    return Math.round(sum);
  });
}

flow("dark and light are told apart on the canvas too, and the choice outlives a reload", async ({ page, go }) => {
  await go("/p/sweep?m=valid/loss");
  await drawn(page, "valid/loss");
  const background = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.querySelector("[data-chart]") ?? document.body).backgroundColor);
  const [light, dark] = [await background(), await ink(page)];
  assert.notEqual(dark, 0, "curves are drawn");
  await page.click('[data-action="theme"]');
  await eventually("another background", async () => (await background()) !== light);
  await eventually("other colours on the canvas", async () => (await ink(page)) !== dark);
  await page.reload();
  await drawn(page, "valid/loss");
  assert.notEqual(await background(), light);
});

flow("nothing scrolls sideways on a laptop, a desktop and at 200 %", async ({ page, go, id }) => {
  const compared = `/c?run=${await id("lr0.001-seed0")}&run=${await id("lr0.03-seed2")}`;
  const rich = await id("rich");
  const pages = [
    "/",
    "/p/sweep",
    "/p/odd",
    "/p/sweep?tab=table",
    `/r/${rich}`,
    `/r/${rich}?tab=artifacts`,
    compared,
    `${compared}&tab=results`,
  ];
  for (const width of [640, 1280, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    for (const path of pages) {
      await go(path);
      await page.locator("[data-page]").waitFor();
      await page.waitForTimeout(200);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} is ${wide} pixels too wide at ${width}`);
    }
  }
});
