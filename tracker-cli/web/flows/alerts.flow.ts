import assert from "node:assert/strict";
import { drawn, eventually, flow } from "./harness.ts";

flow("what somebody should look at stands beside the run, on its curve and on its page", async ({ page, go }) => {
  await go("/p/watched");
  assert.equal((await drawn(page, "train/loss"))["alerts"], "2");
  const count = page.locator(".rail [data-alerts]");
  assert.equal(await count.getAttribute("data-alerts"), "2");
  assert.match((await count.getAttribute("title")) ?? "", /^the validation set has 12 digits twice, and 1 before$/);
  const note = page
    .locator('[data-chart="train/loss"] .chart-notes')
    .filter({ hasText: "the validation set has 12 digits twice, and 1 more" });
  await note.waitFor();

  await page.click(".rail [data-run] a");
  const alerts = page.locator('[aria-label="Alerts"] [data-alert]');
  await alerts.first().waitFor();
  assert.deepEqual(await alerts.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-alert"))), ["program", "spike"]);
  assert.match((await alerts.last().textContent()) ?? "", /train\/loss jumped to 9 at step 250, from about/);
});

flow("runs with alerts are found by a search", async ({ page, go }) => {
  await go("/p/odd");
  await page.fill('[data-action="search"]', "alerts > 0");
  await eventually("three runs", async () => (await page.locator(".rail [data-run]").count()) === 3);
  assert.equal(await page.locator(".rail [data-alerts]").count(), 3);
});
