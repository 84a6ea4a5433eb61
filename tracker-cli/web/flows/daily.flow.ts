import assert from "node:assert/strict";
import { drawn, eventually, flow, lines } from "./harness.ts";

flow("the best runs of a metric are drawn in three clicks", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.selectOption('[data-action="sort"]', "summary:valid/loss");
  await page.click('[data-action="show-first"]');
  await eventually(
    "the last of the list is not drawn",
    async () => (await page.locator(".rail [data-run]").last().getAttribute("data-open")) === "false",
  );
  assert.equal(await lines(page, "train/loss"), 10);
  assert.equal(await page.locator(".rail [data-run]").first().getAttribute("data-open"), "true");
  const values = (await page.locator(".rail-value").allTextContents()).map(Number);
  assert.deepEqual(
    values,
    [...values].sort((a, b) => a - b),
    "the lowest loss stands first",
  );
  assert.match(page.url(), /draw=first/);
});

flow("one run is drawn alone by Alt and a click, and the usual ones come back", async ({ page, go }) => {
  await go("/p/sweep");
  assert.equal(await lines(page, "train/loss"), 10);
  const eye = page.locator("[data-eye]").nth(2);
  await eye.click({ modifiers: ["Alt"] });
  await eventually("one curve", async () => (await lines(page, "train/loss")) === 1);
  await eye.click({ modifiers: ["Alt"] });
  await eventually("ten curves", async () => (await lines(page, "train/loss")) === 10);
});

flow("a group of seeds is drawn alone and folded, and shows its mean", async ({ page, go }) => {
  await go("/p/sweep?by=group&sort=summary:valid/loss&desc=0");
  const group = page.locator(".rail [data-group]").first();
  await group.locator('[data-action="group-eye"]').click({ modifiers: ["Alt"] });
  await eventually("three curves", async () => (await lines(page, "train/loss")) === 3);
  assert.ok(Number(await group.locator(".rail-value").textContent()) < 0.1, "the mean of the best group");
  await group.locator('[data-action="fold"]').click();
  await eventually("nine rows", async () => (await page.locator(".rail [data-run]").count()) === 9);
});

flow("runs that diverged are marked, counted and found by one click", async ({ page, go }) => {
  await go("/p/odd");
  await page.locator(".rail .diverged").first().waitFor();
  await page.click('[data-action="diverged"]');
  await eventually(
    "only those",
    async () => (await page.locator(".rail [data-run]").count()) === (await page.locator(".rail .diverged").count()),
  );
  assert.equal(await page.inputValue('[data-action="search"]'), "diverged = true");
});

flow("home leads to the newest runs of all projects", async ({ page, go }) => {
  await go("/");
  const newest = page.locator(".recent tr[data-run] th a").first();
  assert.equal(await newest.textContent(), "code: committed");
  await newest.click();
  await page.locator("h1").filter({ hasText: "code: committed" }).waitFor();
});

flow("another run becomes the one that the others are measured by", async ({ page, go, id }) => {
  const [first, second] = [await id("lr0.001-seed0"), await id("lr0.03-seed2")];
  await go(`/c?run=${first}&run=${second}&tab=results`);
  await page.locator('[data-metric="valid/loss"] .delta').waitFor();
  await page.locator(`.chip[data-run="${second}"]`).hover();
  await page.click(`.chip[data-run="${second}"] [data-action="baseline"]`);
  await eventually("the other way round", async () => new URL(page.url()).searchParams.getAll("run")[0] === second);
  assert.equal(await page.locator(`[data-metric="valid/loss"] [data-run="${second}"] .delta`).count(), 0);
});

flow("the list of runs is made wider by keys, and stays so after a reload", async ({ page, go }) => {
  await go("/p/sweep");
  const width = (): Promise<number> => page.locator(".rail").evaluate((rail) => rail.getBoundingClientRect().width);
  const before = await width();
  await page.locator('[role="separator"]').focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.equal(await width(), before + 32);
  await page.reload();
  await page.locator(".rail").waitFor();
  assert.equal(await width(), before + 32);
});
