import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { faults } from "./access.ts";
import { counted } from "./clicks.ts";
import { drawn, eventually, flow, lines } from "./harness.ts";
import { dragAcross } from "./pointer.ts";

const chart = (name: string): string => `[data-chart="${name}"]`;

/** Chooses from a chart's menu: two clicks. */
async function choose(page: Page, name: string, action: string): Promise<void> {
  await page.click(`${chart(name)} [data-action="menu"]`);
  await page.click(`${chart(name)} [data-action="${action}"]`);
}

flow("one chart gets a log axis in two clicks, says so, keeps it, and is as the others again", async ({ page, go }) => {
  await go("/p/sweep?m=loss");
  const before = await drawn(page, "train/loss");
  const { click, clicks } = counted(page);
  await click(`${chart("train/loss")} [data-action="menu"]`);
  await click(`${chart("train/loss")} [data-action="turn-ylog"]`);
  await eventually("a log axis", async () => (await drawn(page, "train/loss"))["yMin"] !== before["yMin"]);
  assert.equal(clicks(), 2);
  assert.ok(Number((await drawn(page, "train/loss"))["yMin"]) > 0);
  assert.match((await page.getAttribute(`${chart("train/loss")} [data-action="own-axes"]`, "title")) ?? "", /log y/);
  assert.equal(await page.locator('[data-action="own-axes"]').count(), 1, "the other chart has none");
  await page.reload();
  assert.ok(Number((await drawn(page, "train/loss"))["yMin"]) > 0);
  await page.click(`${chart("train/loss")} [data-action="own-axes"]`);
  assert.deepEqual(await faults(page), []);
  await page.click(`${chart("train/loss")} [data-action="own-reset"]`);
  await eventually("as before", async () => (await drawn(page, "train/loss"))["yMin"] === before["yMin"]);
  assert.equal(await page.locator('[data-action="own-axes"]').count(), 0);
  assert.doesNotMatch(page.url(), /chart=/);
});

flow("all charts get a log axis, and leave outliers out, by one click each", async ({ page, go }) => {
  await go("/p/sweep?m=loss");
  const before = await drawn(page, "train/loss");
  for (const action of ["ylog", "clip"]) {
    const { click, clicks } = counted(page);
    await click(`.board-tools [data-action="${action}"]`);
    await eventually("another axis", async () => (await drawn(page, "valid/loss"))["yMin"] !== before["yMin"]);
    assert.equal(clicks(), 1);
  }
});

flow("outliers of one chart are ignored in two clicks, and one click on what lies above shows them", async ({ page, go }) => {
  await go("/p/sweep?draw=none&m=spike|loss");
  await page.locator("[data-eye]").first().click();
  assert.ok(Number((await drawn(page, "spike"))["yMax"]) >= 1000);
  await choose(page, "spike", "turn-clip");
  await eventually("without the spike", async () => Number((await drawn(page, "spike"))["yMax"]) < 10);
  const told = page.locator(`${chart("spike")} [data-action="show-outside"]`);
  assert.equal(await told.textContent(), "1 point above");
  await told.click();
  await eventually("with the spike", async () => Number((await drawn(page, "spike"))["yMax"]) >= 1000);
  assert.equal(await told.count(), 0);
});

flow("where all charts ignore outliers, one may show them", async ({ page, go }) => {
  await go("/p/sweep?draw=none&m=spike&clip=1");
  await page.locator("[data-eye]").first().click();
  await page.click(`${chart("spike")} [data-action="show-outside"]`);
  await eventually("with the spike", async () => Number((await drawn(page, "spike"))["yMax"]) >= 1000);
  assert.equal(await page.getAttribute('[data-action="clip"]', "aria-pressed"), "true");
  assert.match((await page.getAttribute('[data-action="own-axes"]', "title")) ?? "", /with outliers/);
});

flow("y is typed, smoothing is drawn, and what makes no sense is said", async ({ page, go }) => {
  await go("/p/sweep?m=train/loss");
  await drawn(page, "train/loss");
  await choose(page, "train/loss", "axes");
  await page.fill('[data-input="own-low"]', "0.5");
  await page.keyboard.press("Enter");
  await eventually("from 0.5", async () => (await drawn(page, "train/loss"))["yMin"] === "0.5");
  await page.locator('[data-action="show-outside"]').waitFor();
  await page.fill('[data-input="own-high"]', "0.1");
  await page.keyboard.press("Enter");
  await page.locator(".chart-axes [role=alert]", { hasText: "smaller" }).waitFor();
  assert.equal((await drawn(page, "train/loss"))["yMin"], "0.5", "what was right still holds");
  await page.fill('[data-input="own-high"]', "1");
  await page.keyboard.press("Enter");
  await eventually("to 1", async () => (await drawn(page, "train/loss"))["yMax"] === "1");
  await page.locator('[data-action="own-smooth"]').fill("0.9");
  await eventually("the address", async () => /smooth%3D0.9/.test(page.url()) && /low%3D0.5/.test(page.url()));
  assert.equal(await page.locator('[data-action="smooth"]').inputValue(), "0", "the others are as they were");
});

flow("a metric of another size gets an axis of its own on the right", async ({ page, go }) => {
  await go("/p/sweep?m=loss|memory");
  await drawn(page, "train/loss");
  await choose(page, "train/loss", "add-line");
  await page.keyboard.type("memory");
  await page.keyboard.press("Enter");
  await eventually("two curves a run", async () => (await lines(page, "train/loss")) === 20);
  const crushed = await drawn(page, "train/loss");
  assert.ok(Number(crushed["yMax"]) > 1e8);
  const right = `${chart("train/loss")} [data-line="system/memory"] [data-action="right-axis"]`;
  await page.click(right);
  await eventually("two axes", async () => Number((await drawn(page, "train/loss"))["yMax"]) < 10);
  const [, most] = ((await drawn(page, "train/loss"))["right"] ?? "").split(" ").map(Number);
  assert.ok((most ?? 0) > 1e9);
  assert.equal(await page.getAttribute(right, "aria-pressed"), "true");
  await page.reload();
  assert.ok(Number((await drawn(page, "train/loss"))["yMax"]) < 10);
  assert.deepEqual(await faults(page), []);
});

flow("a zoom stands in the address, outlives a reload, and is gone when one comes again", async ({ page, go }) => {
  await go("/p/sweep?m=train/loss");
  const whole = await drawn(page, "train/loss");
  await dragAcross(page, page.locator(`${chart("train/loss")} .u-over`), [0.2, 0.3], [0.4, 0.3]);
  await eventually("a zoom", async () => (await drawn(page, "train/loss"))["xMax"] !== whole["xMax"]);
  const { xMin, xMax } = await drawn(page, "train/loss");
  await page.reload();
  const again = await drawn(page, "train/loss");
  assert.deepEqual([again["xMin"], again["xMax"]], [xMin, xMax]);
  const address = page.url();
  await go("/p/sweep?m=train/loss");
  assert.equal((await drawn(page, "train/loss"))["xMax"], whole["xMax"], "a zoom is not kept");
  await page.goto(address);
  await drawn(page, "train/loss");
  await page.selectOption('[data-action="x"]', "relative");
  await eventually("another axis shows all", async () => (await page.locator('[data-action="reset"]').count()) === 0);
  await page.selectOption('[data-action="x"]', "step");
  await page.click('[data-action="reset"]');
  await eventually("the whole", async () => (await drawn(page, "train/loss"))["xMax"] === whole["xMax"]);
  assert.doesNotMatch(page.url(), /chart=/);
});
