import assert from "node:assert/strict";
import { join } from "node:path";
import { drawn, eventually, flow } from "./harness.ts";
import { dragAcross } from "./pointer.ts";

const [FIRST, SECOND] = ["lr0.001-seed0", "lr0.03-seed2"];

flow("a report shows charts, results and runs from one file, without a server", async ({ page, store, report }) => {
  const file = join(store, "report.html");
  await report(["-o", file, "--title", "Two <b>rates</b>", FIRST, SECOND]);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url());
  });
  await page.goto(`file://${file}`);
  assert.equal((await drawn(page, "train/loss"))["series"], "2");
  await page.locator("header", { hasText: "Two <b>rates</b>" }).waitFor();
  await page.locator('[data-action="smooth"]').fill("0.9");
  await eventually("smoothed", async () => /smooth=0.9/.test(page.url()));
  await drawn(page, "train/loss");
  const over = page.locator('[data-chart="spike"] .u-over');
  const whole = await drawn(page, "spike");
  await dragAcross(page, over, [0.2, 0.3], [0.3, 0.3]);
  await eventually("a zoom", async () => Number((await drawn(page, "spike"))["points"]) < Number(whole["points"]) * 0.5);
  await page.locator('[data-chart="spike"] [data-action="reset"]').click();
  for (const [axis, least] of [
    ["relative", 0],
    ["metric:valid/loss", 0],
    ["wall", 1e9],
  ] as const) {
    await page.locator('[data-action="x"]').selectOption(axis);
    await eventually(axis, async () => {
      const { xMin, series } = await drawn(page, "train/loss");
      return Number(xMin) >= least && series === "2";
    });
  }
  await page.locator('[data-action="x"]').selectOption("step");
  await page.click('[data-tab="config"]');
  assert.deepEqual(await page.locator('[data-path="seed"] td').allTextContents(), ["0", "2"]);
  await page.locator(".chip a").first().click();
  await page.locator('[data-page="run"] h1', { hasText: FIRST }).waitFor();
  assert.equal(await page.locator('[data-action="edit-name"]').count(), 0, "nothing can be changed");
  await page.goBack();
  await page.locator('[data-page="compare"]').waitFor();
  await page.reload();
  await page.locator('[data-path="seed"]').waitFor();
  assert.deepEqual(asked, []);
});

flow("a report of one run with all kinds of things opens with its charts", async ({ page, store, report }) => {
  const file = join(store, "report.html");
  await report(["-o", file, "rich"]);
  await page.goto(`file://${file}`);
  await drawn(page, "train/loss");
  await page.click('[data-tab="media"]');
  await page.locator('[data-media="histograms"] canvas').first().waitFor();
  const picture = page.locator('[data-media] img[src^="data:image/png"]').first();
  assert.ok(await picture.evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth > 0), "a picture comes along");
  await page.click('[data-tab="messages"]');
  await eventually("messages", async () => (await page.locator("[data-level]").count()) === 4);
});
