import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, flow } from "./harness.ts";

flow("a run's page shows its settings, messages, pictures and files", async ({ page, go, id }) => {
  await go(`/r/${await id("rich")}`);
  await page.locator('[data-problem="batch-skipped"]').waitFor();
  await page.click('[data-tab="config"]');
  assert.equal(await page.locator('[data-path="lr"] td').textContent(), "0.01");
  await page.click('[data-tab="messages"]');
  await eventually("three messages and the problem", async () => (await page.locator("[data-level]").count()) === 4);
  await page.click('[data-tab="media"]');
  const picture = page.locator('[data-media="picture"] img');
  await eventually("the picture is decoded", () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth === 64));
  const last = await picture.getAttribute("src");
  await page.locator('[data-media="picture"] input').fill("0");
  await eventually("another picture", async () => (await picture.getAttribute("src")) !== last);
  await page.locator('[data-media="histograms"] canvas').first().waitFor();
  await page.click('[data-tab="artifacts"]');
  const [download] = await Promise.all([page.waitForEvent("download"), page.click('[data-artifact="model"] [data-action="download"]')]);
  assert.equal(readFileSync(await download.path()).length, 4096);
  assert.equal(await page.locator('[data-deleted="true"]').count(), 1);
  assert.match((await page.locator('[data-artifact="gone"]').textContent()) ?? "", /not here/);
  assert.match((await page.locator('[data-lineage="used"] [data-used="pixels"]').textContent()) ?? "", /dataset/);
});

flow("name, notes and tags are changed on the page and outlive a reload", async ({ page, go, id }) => {
  await go(`/r/${await id("rich")}`);
  await page.click('[data-action="edit-notes"]');
  await page.fill('[data-input="notes"]', "<b>better</b>\nthan before");
  await page.click('[data-action="save-notes"]');
  await page.locator('[data-text="notes"]').filter({ hasText: "<b>better</b>" }).waitFor();
  await page.fill('[data-input="tag"]', "second");
  await page.press('[data-input="tag"]', "Enter");
  await page.locator('[data-tag="second"]').waitFor();
  await page.click('[data-tag="keep"] button');
  await eventually("the tag is gone", async () => (await page.locator('[data-tag="keep"]').count()) === 0);
  await page.click('[data-action="edit-name"]');
  await page.fill('[data-input="name"]', "richer");
  await page.press('[data-input="name"]', "Enter");
  await page.locator("h1").filter({ hasText: "richer" }).waitFor();
  await page.reload();
  await page.locator("h1").filter({ hasText: "richer" }).waitFor();
  await page.locator('[data-tag="second"]').waitFor();
  assert.match((await page.locator('[data-text="notes"]').textContent()) ?? "", /<b>better<\/b>\sthan before/);
});

flow("a fork and the run that it was forked from lead to each other", async ({ page, go, id, write }) => {
  const parent = await id("rich");
  await write(["coded", "forked"], { TRACKER_FORK: `${parent}@0` });
  await go(`/r/${await id("forked")}`);
  const line = page.locator('[data-text="forks"]');
  await line.filter({ hasText: "Forked from rich after step 0" }).waitFor();
  await line.locator("a").click();
  await page.locator("h1").filter({ hasText: "rich" }).waitFor();
  await line.filter({ hasText: "Forks: forked after step 0" }).waitFor();
});

flow("a name that the store refuses is kept in its field with the reason", async ({ page, go, id, expectStatus }) => {
  expectStatus(400);
  await go(`/r/${await id("rich")}`);
  await page.click('[data-action="edit-name"]');
  await page.fill('[data-input="name"]', "x".repeat(10_000));
  await page.click('[data-action="save-name"]');
  await page.locator('[data-notice="failure"]').waitFor();
  assert.equal((await page.inputValue('[data-input="name"]')).length, 10_000);
});

flow("what of a run could not be read is told above what could", async ({ page, go, id, store }) => {
  const rich = await id("rich");
  appendFileSync(join(store, "odd", rich, "events-r0a1.jsonl"), 'no line\nno line\n{"cut');
  await go(`/r/${rich}`);
  await page.locator('[data-notice="warning"]').filter({ hasText: "2 lines of " }).waitFor();
  await page.locator('[data-problem="batch-skipped"]').waitFor();
});

flow("a run says how long it took, and its state once", async ({ page, go, id }) => {
  await go(`/r/${await id("crashed")}`);
  await page.locator('[data-text="time"]').filter({ hasText: "to its last point" }).waitFor();
  await go(`/r/${await id("stopped")}`);
  await page
    .locator('.run-head [data-state="stopped"]')
    .filter({ hasText: /^■stopped by SIGTERM$/ })
    .waitFor();
  const said = page.locator('.run-head p:not([data-text="since"])');
  assert.equal(await said.count(), 0, "no second line says it again");
  await go(`/r/${await id("failed")}`);
  await page
    .locator('.run-head [data-state="failed"]')
    .filter({ hasText: /^✕failed$/ })
    .waitFor();
  assert.equal(await said.textContent(), "the data has no labels");
});

flow("an unknown run is said to be unknown", async ({ page, go, expectStatus }) => {
  expectStatus(404);
  await go("/r/01ZZZZZZZZZZZZZZZZZZZZZZZZ");
  await page.locator('[data-notice="empty"]').waitFor();
});
