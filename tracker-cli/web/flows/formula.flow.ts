import assert from "node:assert/strict";
import { join } from "node:path";
import { faults, faultsOfDialog } from "./access.ts";
import { counted } from "./clicks.ts";
import { drawn, eventually, flow, lines } from "./harness.ts";
import { dragAcross } from "./pointer.ts";

const chart = (name: string): string => `[data-chart="${name}"]`;
const word = (text: string): string => `chart=${encodeURIComponent(text)}`;

flow("a formula is typed and drawn after two clicks, and kept", async ({ page, go, id }) => {
  await go("/p/sweep?m=loss");
  await drawn(page, "train/loss");
  const { click, clicks } = counted(page);
  await click('[data-action="add-chart"]');
  await page.keyboard.type("train/loss - valid/loss");
  await click('[role="option"]:has-text("formula")');
  assert.equal(await lines(page, "c:1"), 10);
  assert.equal(clicks(), 2);
  assert.equal(await page.textContent(`${chart("c:1")} h3`), "train/loss - valid/loss");
  const { yMin, yMax } = await drawn(page, "c:1");
  assert.ok(Number(yMin) > -1 && Number(yMax) < 0, "validation is a little worse throughout");
  await page.reload();
  assert.equal(await lines(page, "c:1"), 10);
  await go(`/r/${await id("lr0.001-seed0")}?tab=charts&x=relative`);
  assert.equal(await lines(page, "c:1"), 1, "on another page and another axis");
  assert.deepEqual(await faults(page), []);
});

flow("what is wrong with a formula is said as one types, with the names that are near", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.click('[data-action="add-chart"]');
  await page.keyboard.type("exp(train/los)");
  await page.locator(".no-choice", { hasText: "no metric is called `train/los`; near it: `train/loss`" }).waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator('[data-dialog="line"]').count(), 1, "nothing was chosen");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("s)");
  await page.locator('[role="option"]', { hasText: "formula" }).waitFor();
  assert.deepEqual(await faultsOfDialog(page), []);
  await page.keyboard.press("Enter");
  assert.equal(await lines(page, "c:1"), 10);
});

flow("a formula beside its metric is smoothed and zoomed, and its first value stays that of the whole run", async ({ page, go }) => {
  await go(`/p/sweep?draw=none&smooth=0.5&m=train/loss&${word("of=m:train/loss&m=train/loss&f=`train/loss` / first(`train/loss`)")}`);
  await page.locator("[data-eye]").first().click();
  await eventually("two curves", async () => (await lines(page, "train/loss")) === 2);
  const over = page.locator(`${chart("train/loss")} .u-over`);
  const before = await drawn(page, "train/loss");
  await dragAcross(page, over, [0.6, 0.3], [0.9, 0.3]);
  await eventually("a zoom", async () => Number((await drawn(page, "train/loss"))["points"]) < Number(before["points"]) * 0.5);
  assert.ok(Number((await drawn(page, "train/loss"))["yMax"]) < 0.9, "the first value is that of the whole run");
});

flow("a formula that divides by zero has marks, and one over a metric that is not there says so", async ({ page, go }) => {
  await go(
    `/p/sweep?m=loss&${word("of=c:1&name=Zero&f=1 / (`train/loss` - `train/loss`)")}&${word("of=c:2&f=`train/loss` - `not there`")}`,
  );
  await page.locator(`${chart("c:1")} .chart-notes`, { hasText: "has Infinity at step 0" }).waitFor();
  await page.locator(`${chart("c:2")} [data-problem]`, { hasText: "no metric is called `not there`" }).waitFor();
  assert.equal(await lines(page, "train/loss"), 10, "the other charts are drawn");
});

flow("a name within a formula is completed as one types", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.click('[data-action="add-chart"]');
  await page.keyboard.type("max(train/loss, vloss");
  await page.locator('[role="option"]', { hasText: "max(train/loss, valid/loss)" }).waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await lines(page, "c:1"), 10);
  assert.equal(await page.textContent(`${chart("c:1")} h3`), "max(train/loss, valid/loss)");
});

flow("a report takes charts of several metrics and formulas, on each axis and without a server", async ({ page, store, report }) => {
  const file = join(store, "report.html");
  await report(["-o", file, "lr0.001-seed0"]);
  await page.goto(`file://${file}`);
  assert.equal(await lines(page, "train/loss"), 1);
  await page.click(`${chart("train/loss")} [data-action="menu"]`);
  await page.click(`${chart("train/loss")} [data-action="add-pair"]`);
  await eventually("two curves", async () => (await lines(page, "train/loss")) === 2);
  await page.click('[data-action="add-chart"]');
  await page.keyboard.type("valid/loss / first(valid/loss)");
  await page.keyboard.press("Enter");
  assert.equal(Math.round(Number((await drawn(page, "c:1"))["yMax"])), 1);
  await page.locator('[data-action="x"]').selectOption("relative");
  await eventually("seconds", async () => Number((await drawn(page, "c:1"))["xMax"]) < 100);
  assert.equal(await lines(page, "c:1"), 1);
  const address = page.url();
  await page.goto("about:blank");
  await page.goto(address);
  assert.equal(await lines(page, "train/loss"), 2, "the address holds what was chosen");
  assert.equal(await lines(page, "c:1"), 1);
});

flow("a formula over a training that runs grows with it, on another axis too", async ({ page, go, train }) => {
  await go(`/p/live?draw=all&${word("of=c:1&f=1 / `train/loss`")}`);
  const { id } = await train("growing");
  await page.locator(`.rail [data-run="${id}"]`).waitFor();
  const top = async (): Promise<number> => Number((await drawn(page, "c:1"))["yMax"]);
  const first = await top();
  await eventually("one more each step", async () => (await top()) > first + 10);
  await page.selectOption('[data-action="x"]', "relative");
  const later = await top();
  await eventually("by time as well", async () => (await top()) > later + 10);
});
