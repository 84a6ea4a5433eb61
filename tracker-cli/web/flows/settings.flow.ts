import assert from "node:assert/strict";
import { faults } from "./access.ts";
import { counted } from "./clicks.ts";
import { drawn, eventually, flow, lines } from "./harness.ts";

const picture = (kind: string): string => `[data-picture="${kind}"]`;
const DOTS = "[data-scatter]";

flow("the effect of the learning rate on the accuracy is a chart of the board after two clicks", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  const { click, clicks } = counted(page);
  await click('[data-tab="settings"]');
  await page.locator(`${DOTS}[data-points="12"]`).waitFor();
  assert.equal(await page.inputValue('[data-action="axis-across"]'), "config:lr", "it varies most, and by factors");
  assert.equal(await page.inputValue('[data-action="axis-up"]'), "summary:valid/accuracy");
  assert.equal(await page.getAttribute('[data-action="xlog"]', "aria-pressed"), "true");
  assert.match((await page.textContent(`${picture("scatter")} figcaption`)) ?? "", /^12 of 12 runs/);
  await click(`${picture("scatter")} [data-action="keep"]`);
  assert.ok(clicks() <= 3);
  assert.equal(clicks(), 2);
  await page.locator('[data-notice="kept"]').waitFor();
  await page.click('[data-tab="charts"]');
  const kept = page.locator('[data-chart="c:1"]');
  await kept.locator(`${DOTS}[data-points="12"]`).waitFor();
  assert.equal(await kept.locator("h3").textContent(), "valid/accuracy over lr");
  assert.equal(await lines(page, "train/loss"), 10, "curves stand beside it");
  await kept.locator('[data-action="menu"]').click();
  await kept.locator('[data-action="rename"]').click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("How fast?");
  await page.keyboard.press("Enter");
  await go("/p/sweep");
  await eventually("it is kept with its name", async () => (await kept.locator("h3").textContent()) === "How fast?");
  assert.deepEqual(await faults(page), []);
  await kept.locator('[data-action="menu"]').click();
  await kept.locator('[data-action="remove-chart"]').click();
  await eventually("it is gone", async () => (await kept.count()) === 0);
  await go("/p/sweep");
  await drawn(page, "train/loss");
  assert.equal(await kept.count(), 0);
});

flow("a pointer or the arrow keys tell a run of the scatter plot, light it in the list and open it", async ({ page, go }) => {
  await go("/p/sweep?tab=settings");
  await page.locator(`${DOTS}[data-points="12"]`).waitFor();
  const plane = page.locator(`${DOTS} .small-pointed`);
  const box = await plane.boundingBox();
  assert.ok(box);
  // The three runs of the least learning rate stand at the left below.
  for (let up = 4; up < 60 && (await plane.getAttribute("data-near")) === null; up += 4)
    await page.mouse.move(box.x + box.width * 0.0455, box.y + box.height - up);
  assert.match((await page.textContent(".chart-tip")) ?? "", /^lr0\.001-seed\d.*valid\/accuracy \(best\) 8\d/);
  const near = await plane.getAttribute("data-near");
  await page.locator(`.rail [data-run="${near}"][data-highlight="true"]`).waitFor();
  await page.mouse.move(box.x + box.width / 2, box.y + 10);
  await eventually("no run", async () => (await page.locator('.rail [data-highlight="true"]').count()) === 0);
  await plane.focus();
  await page.keyboard.press("End");
  assert.match((await plane.getAttribute("aria-valuetext")) ?? "", /^lr0\.03-seed/);
  await page.keyboard.press("Enter");
  await page.locator("h1").filter({ hasText: "lr0.03-seed" }).waitFor();
});

flow("importance names the settings that matter, those that cannot be told apart, and too few runs", async ({ page, go }) => {
  await go("/p/sweep?tab=settings");
  const row = (setting: string): string => `[data-importance] [data-setting="${setting}"]`;
  await page.locator(row("lr")).waitFor();
  assert.ok(Number(await page.getAttribute(row("lr"), "data-share")) > 0.8);
  assert.match((await page.textContent(row("lr"))) ?? "", /varies together with model\.hidden: cannot be told apart/);
  assert.equal(await page.getAttribute(row("seed"), "data-chance"), "true");
  await page.click(`${row("seed")} [data-action="look-closer"]`);
  await eventually("the result over the seed", async () => (await page.inputValue('[data-action="axis-across"]')) === "config:seed");
  await page.fill('[data-action="search"]', "seed = 0");
  await page.locator('[data-importance="none"]', { hasText: "4 runs have this result, and 10 are needed" }).waitFor();
  assert.match((await page.textContent(`${picture("scatter")} figcaption`)) ?? "", /^4 of 4 runs/);
  await page.fill('[data-action="search"]', "seed = 17");
  await page.locator('[data-notice="empty"]').first().waitFor();
});

flow("parallel axes are brushed, turned and kept, and colours are those of a column", async ({ page, go }) => {
  await go("/p/sweep?tab=settings");
  const parallel = page.locator(`${picture("parallel")} [data-parallel]`);
  await eventually("twelve lines", async () => (await parallel.getAttribute("data-lines")) === "12");
  assert.equal(await page.getAttribute(`${picture("parallel")} [data-hue]`, "data-hue"), "valid/accuracy (best)");
  await page.focus('.parallel-grip[data-axis="0"]');
  await page.keyboard.press("ArrowUp");
  await eventually("the upper half of a log axis", async () => (await parallel.getAttribute("data-inside")) === "6");
  await page.click(`${picture("parallel")} .parallel-switch >> nth=0`);
  await eventually("flipped in the address", async () => /scale=flip(\+|%20)config/.test(page.url()));
  await page.selectOption('[data-action="hue"]', "config:model.kind");
  await page.locator(`${picture("scatter")} .hue-word`, { hasText: "mlp" }).waitFor();
  assert.deepEqual(await faults(page), []);
  await page.click(`${picture("parallel")} [data-action="keep"]`);
  await page.click(`${picture("importance")} [data-action="keep"]`);
  await page.click('[data-tab="charts"]');
  await page.locator(`[data-chart="c:1"]${picture("parallel")} [data-lines="12"]`).waitFor();
  await page.locator(`[data-chart="c:2"]${picture("importance")} [data-setting="lr"]`).waitFor();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.evaluate(() => localStorage.setItem("tracker.theme", "dark"));
  await page.reload();
  await page.locator('[data-chart="c:1"] [data-lines="12"]').waitFor();
  assert.deepEqual(await faults(page), []);
});

flow("a setting of words has a place for each word, and a run without the result is told", async ({ page, go }) => {
  await go("/p/odd?tab=settings");
  await page.locator("[data-settings]").waitFor();
  await go("/p/sweep?tab=settings&across=config:model.kind&up=summary:spike");
  await page.locator(`${DOTS}[data-points="12"]`).waitFor();
  assert.equal(await page.locator('[data-action="xlog"]').count(), 0, "words have no log axis");
  assert.match((await page.textContent(`${DOTS} .small-axis`)) ?? "", /mlp/);
});

flow("a run is found among many without a click, as one types", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  const { clicks } = counted(page);
  await page.keyboard.press("/");
  await page.keyboard.type("lr0.003-seed1");
  await eventually("one run", async () => (await page.locator(".rail [data-run]").count()) === 1);
  assert.equal(clicks(), 0);
});

flow("a search is completed by keys: the field, how it is compared, and the values with their runs", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.keyboard.press("/");
  await page.keyboard.type("hid");
  const search = page.locator('[data-action="search"]');
  const option = (text: string) => page.locator('[role="option"]', { hasText: text });
  await option("model.hidden").waitFor();
  assert.equal(await search.getAttribute("aria-expanded"), "true");
  assert.equal(await search.getAttribute("aria-activedescendant"), null, "nothing is chosen by itself");
  assert.deepEqual(await faults(page), []);
  await page.keyboard.press("ArrowDown");
  assert.deepEqual(await faults(page), []);
  await page.keyboard.press("Enter");
  assert.equal(await search.inputValue(), "model.hidden ");
  await option("is one of").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await search.inputValue(), "model.hidden = ");
  await option("128").waitFor();
  assert.match((await option("128").textContent()) ?? "", /3 runs/);
  await option("128").click();
  assert.equal(await search.inputValue(), "model.hidden = 128");
  await eventually("three runs", async () => (await page.locator(".rail [data-run]").count()) === 3);
  assert.equal(await page.locator('[role="option"]').count(), 0);
  await page.keyboard.type(" an");
  await option("and").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator('[role="option"]').count(), 0);
  assert.equal(await search.inputValue(), "model.hidden = 128 an", "Escape puts the list away first");
  await page.keyboard.press("Escape");
  assert.equal(await search.inputValue(), "");
});

flow("the filter of charts is completed to sections and metrics", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.click('[data-action="filter-metrics"]');
  await page.keyboard.type("lr|val");
  await page.locator('[role="option"]', { hasText: "valid/accuracy" }).click();
  assert.equal(await page.inputValue('[data-action="filter-metrics"]'), "lr|valid/accuracy");
  await eventually("two charts", async () => (await page.locator("[data-chart]").count()) === 2);
});

flow("the best run by validation accuracy stands first after two clicks", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  const { click, clicks } = counted(page);
  await click('[data-tab="table"]');
  await click('th[data-column="summary:valid/accuracy"] button');
  await eventually("the best first", async () => /lr0\.03/.test((await page.textContent(".runs-table tbody tr[data-run]")) ?? ""));
  assert.equal(clicks(), 2);
});

flow("pointing at a run lights its curves, and draws nothing of the page anew", async ({ page, go, id }) => {
  await go("/p/sweep");
  await drawn(page, "valid/loss");
  const run = await id("lr0.03-seed0");
  await page.evaluate(() => {
    const changed: string[] = [];
    const watch = new MutationObserver((records) => {
      for (const { target, attributeName } of records) changed.push(`${(target as Element).className} ${attributeName ?? "children"}`);
    });
    watch.observe(document.querySelector(".stage") as Element, { subtree: true, childList: true, attributes: true });
    Object.assign(window, { changed });
  });
  await page.hover(`.rail [data-run="${run}"]`);
  await page.locator(`.rail [data-run="${run}"][data-highlight="true"]`).waitFor();
  await page.locator(".chart-highlight").first().waitFor();
  const changed = await page.evaluate(() => (window as unknown as { changed: string[] }).changed);
  assert.deepEqual(
    [...new Set(changed)].filter((each) => !/^u-over children$|^chart-highlight/.test(each)),
    [],
  );
});
