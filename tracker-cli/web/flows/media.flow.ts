import assert from "node:assert/strict";
import { eventually, flow } from "./harness.ts";

flow("pictures, tables and plots of a run are shown step by step", async ({ page, go, id }) => {
  await go(`/r/${await id("rich")}?tab=media`);
  const gallery = page.locator('[data-gallery="samples"]');
  const picture = gallery.locator("img").first();
  await eventually("the picture is decoded", () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth === 8));
  await gallery.locator("figcaption").filter({ hasText: "a sample of step 20" }).waitFor();
  await gallery.locator("input").fill("1");
  await gallery.locator("figcaption").filter({ hasText: "a sample of step 10" }).waitFor();
  assert.equal(await gallery.locator('[data-text="step"]').textContent(), "step 10");
  await gallery.locator('[data-action="enlarge"]').first().click();
  await gallery.locator(".media-large").waitFor();
  await gallery.locator('[data-action="enlarge"]').first().click();
  await eventually("it is small again", async () => (await gallery.locator(".media-large").count()) === 0);
  await page.locator('[data-plot="confusion_matrix"] rect').first().waitFor();
  assert.match((await page.locator('[data-plot="pr_curve"] figcaption').textContent()) ?? "", /area 0\.8333/);
  assert.match((await page.locator('[data-plot="roc_curve"] figcaption').textContent()) ?? "", /area 0\.7500/);
});

flow("a table is sorted, filtered and paged", async ({ page, go, id }) => {
  await go(`/r/${await id("rich")}?tab=media`);
  const table = page.locator('[data-gallery="mistakes"]');
  await table.locator("tbody tr").first().waitFor();
  assert.equal(await table.locator("tbody tr").count(), 50);
  await eventually("its picture is decoded", () =>
    table
      .locator("img")
      .first()
      .evaluate((image) => (image as HTMLImageElement).naturalWidth === 8),
  );
  await table.locator('[data-action="rows-after"]').click();
  await eventually("the next rows", async () => (await table.locator('[data-text="rows"]').textContent())?.startsWith("51–100") === true);
  await table.locator('[data-sort="id"]').click();
  await table.locator('[data-sort="id"]').click();
  await eventually("the last row first", async () => (await table.locator("tbody td").first().textContent()) === "119");
  await table.locator('[data-input="table-filter"]').fill("GUESS 3");
  await eventually("17 rows", async () => (await table.locator('[data-text="rows"]').textContent()) === "1–17 of 17 of 120");
});

flow("media of several runs stand side by side at one step", async ({ page, go, id }) => {
  const [rich, twin] = [await id("rich"), await id("twin")];
  await go(`/c?run=${rich}&run=${twin}&tab=media`);
  await page.locator('[data-input="media-name"]').selectOption("samples");
  const sides = page.locator("[data-side]");
  await eventually("both are decoded", () =>
    sides
      .locator("img")
      .evaluateAll((images) => images.length === 4 && images.every((image) => (image as HTMLImageElement).naturalWidth === 8)),
  );
  await page.locator('[data-input="media-name"]').selectOption("mistakes");
  await page.locator('[data-joined="mistakes"] tbody tr').first().waitFor();
  await eventually("both pictures of the first row", () =>
    page
      .locator('[data-joined="mistakes"] tbody tr:first-child img')
      .evaluateAll((images) => images.length === 2 && images.every((image) => (image as HTMLImageElement).naturalWidth === 8)),
  );
  assert.match((await page.locator('[data-joined="mistakes"] [data-text="rows"]').textContent()) ?? "", /1–50 of 120, by id/);
  await page.locator('[data-input="media-name"]').selectOption("samples");
  await page.locator("[data-media-compared] .media-slider").fill("0");
  await eventually("the first step", async () => (await sides.locator("figcaption").filter({ hasText: "of step 0" }).count()) === 2);
});

flow("a report shows the pictures and plots of the last steps", async ({ page, report, id, store }) => {
  const run = await id("rich");
  await report([run, "-o", `${store}/report.html`]);
  await page.goto(`file://${store}/report.html`);
  await page.click('[data-tab="media"]');
  const picture = page.locator('[data-gallery="samples"] img').first();
  await eventually("the picture is decoded", () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth === 8));
  await page.locator('[data-plot="roc_curve"]').waitFor();
  assert.match((await page.locator('[data-gallery="mistakes"]').textContent()) ?? "", /not part of this report/);
});
