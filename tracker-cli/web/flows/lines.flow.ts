import assert from "node:assert/strict";
import { faults, faultsOfDialog } from "./access.ts";
import { counted } from "./clicks.ts";
import { drawn, eventually, flow, lines } from "./harness.ts";
import { pointAt } from "./pointer.ts";

const chart = (name: string): string => `[data-chart="${name}"]`;

flow("train and valid loss stand in one chart after two clicks, on each page that has charts", async ({ page, go, id }) => {
  const [first, second] = [await id("lr0.001-seed0"), await id("lr0.03-seed2")];
  for (const [path, runs] of [
    ["/p/sweep", 10],
    [`/r/${first}?tab=charts`, 1],
    [`/c?run=${first}&run=${second}`, 2],
  ] as const) {
    await go(path);
    await page.evaluate(() => localStorage.clear());
    await go(path);
    assert.equal(await lines(page, "train/loss"), runs);
    const { click, clicks } = counted(page);
    await click(`${chart("train/loss")} [data-action="menu"]`);
    await click(`${chart("train/loss")} [data-action="add-pair"]`);
    await eventually("two curves a run", async () => (await lines(page, "train/loss")) === 2 * runs);
    assert.equal(clicks(), 2);
    assert.deepEqual(await page.locator(`${chart("train/loss")} [data-line] > span`).allTextContents(), ["train/loss", "valid/loss"]);
    assert.equal(await lines(page, "valid/loss"), runs, "the other chart stays as it was");
  }
});

flow("a metric is added by a few letters and Enter, stays after a reload and elsewhere, and is removed", async ({ page, go, id }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.click(`${chart("train/loss")} [data-action="menu"]`);
  await page.click(`${chart("train/loss")} [data-action="add-line"]`);
  await page.locator('[data-dialog="line"]').waitFor();
  assert.deepEqual(await faultsOfDialog(page), []);
  await page.keyboard.type("gradn");
  await page.keyboard.press("Enter");
  await eventually("twenty curves", async () => (await lines(page, "train/loss")) === 20);
  assert.match(decodeURIComponent(page.url()), /chart=of=m%3Atrain%2Floss&m=train%2Floss&m=gradients%2Fnorm/);
  await page.reload();
  assert.equal(await lines(page, "train/loss"), 20);
  await go(`/r/${await id("lr0.001-seed0")}?tab=charts`);
  assert.equal(await lines(page, "train/loss"), 2, "the same project, another page");
  await page.click(`${chart("train/loss")} [data-line="gradients/norm"] [data-action="remove-line"]`);
  await eventually("one curve", async () => (await lines(page, "train/loss")) === 1);
  await go("/p/sweep");
  assert.equal(await lines(page, "train/loss"), 10);
  assert.doesNotMatch(page.url(), /chart=/);
});

flow("a chart of one's own takes three clicks, has a name, is kept and is in the address", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  const { click, clicks } = counted(page);
  await click('[data-action="add-chart"]');
  await click('[data-dialog="line"] [role="option"]:has-text("train/accuracy")');
  assert.equal(await lines(page, "c:1"), 10);
  assert.equal(clicks(), 2);
  await page.click(`${chart("c:1")} [data-action="menu"]`);
  await page.click(`${chart("c:1")} [data-action="rename"]`);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("How <b>good</b>");
  await page.keyboard.press("Enter");
  await eventually("the name", async () => (await page.textContent(`${chart("c:1")} h3`)) === "How <b>good</b>");
  const address = page.url();
  await go("/p/sweep");
  assert.equal(await lines(page, "c:1"), 10, "kept in this browser");
  assert.equal(await page.textContent(`${chart("c:1")} h3`), "How <b>good</b>");
  await page.evaluate(() => localStorage.clear());
  await page.goto(address);
  assert.equal(await lines(page, "c:1"), 10, "and in the address");
  await page.click(`${chart("c:1")} [data-action="menu"]`);
  await page.click(`${chart("c:1")} [data-action="remove-chart"]`);
  await eventually("it is gone", async () => (await page.locator(chart("c:1")).count()) === 0);
});

flow("the tooltip of a chart of two metrics names run and metric", async ({ page, go }) => {
  await go("/p/sweep?chart=of%3Dm%253Atrain%252Floss%26m%3Dtrain%252Floss%26m%3Dvalid%252Floss&m=loss");
  assert.equal(await lines(page, "train/loss"), 20);
  await pointAt(page.locator(`${chart("train/loss")} .u-over`), [0.5, 0.5]);
  await page.locator(".chart-tip .chart-tip-row").first().waitFor();
  const names = await page.locator(".chart-tip-name").allTextContents();
  assert.ok(
    names.some((name) => /^lr[\d.]+-seed\d · train\/loss$/.test(name)),
    names.join(),
  );
  assert.ok(
    names.some((name) => name.endsWith(" · valid/loss")),
    names.join(),
  );
  assert.deepEqual(await faults(page), []);
});
