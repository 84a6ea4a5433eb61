import assert from "node:assert/strict";
import { faults } from "./access.ts";
import { eventually, flow } from "./harness.ts";
import type { Stage } from "./harness.ts";

const STUDY = "/p/studies/s/digits";
const card = (name: string): string => `[data-study-card="${name}"]`;

async function opened({ page, go, write }: Stage, path = STUDY): Promise<void> {
  await write(["studies"]);
  await go(path);
  await page.locator(card("trials")).waitFor();
}

flow("a study says what it makes better, how far it is, and the best there is", async (stage) => {
  const { page } = stage;
  await opened(stage);
  const states = (await page.locator('[data-text="trials"]').textContent()) ?? "";
  assert.match(states, /60 of 64 trials2 running2 waiting\d+ complete\d+ pruned3 failed/);
  const best = (await page.locator('[data-text="best"]').textContent()) ?? "";
  assert.match(best, /Best0\.9\d+trial \d+lr\d/);
  assert.match((await page.locator(".study-head").textContent()) ?? "", /asha, min_iter 4, eta 3.*maximizes the best valid\/accuracy/);
  const drawn = async (selector: string, word: string): Promise<number> => Number(await page.getAttribute(selector, word));
  await page.locator(`${card("progress")} [data-scatter]`).waitFor();
  assert.ok((await drawn(`${card("progress")} [data-scatter]`, "data-points")) > 50);
  assert.equal(await page.locator(`${card("progress")} .small-line`).count(), 1);
  assert.ok((await drawn("[data-curves]", "data-curves")) >= 60 && (await drawn("[data-curves]", "data-pruned")) > 5);
  const shares = await page
    .locator(`${card("importance")} [data-parameter]`)
    .evaluateAll((all) => all.map((each) => each.getAttribute("data-share")));
  assert.equal(shares.length, 6);
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + Number(share), 0) - 1) < 0.01);
  assert.ok((await drawn(`${card("parallel")} [data-parallel]`, "data-lines")) > 50);
  await page.locator('[data-contour]:not([data-contour="none"])').waitFor();
});

flow("a click leads from a trial to its run, and from there back", async (stage) => {
  const { page } = stage;
  await opened(stage, `${STUDY}?sort=value:0`);
  const row = page.locator("[data-trial]").first();
  assert.equal(await row.getAttribute("data-best"), "true", "the best stands first");
  const number = await row.getAttribute("data-trial");
  await row.locator('[data-action="open-trial"]').click();
  await page
    .locator('[data-page="run"] h1')
    .filter({ hasText: `digits-${number}` })
    .waitFor();
  await page
    .locator('[data-text="study"]')
    .filter({ hasText: `Trial ${number} of the study digits` })
    .locator("a")
    .click();
  await page.locator('[data-page="study"]').waitFor();
  await page.locator(`${card("progress")} [role="slider"]`).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.locator('[data-page="run"] h1').filter({ hasText: "digits-0" }).waitFor();
});

flow("a study that trains is followed without a reload", async (stage) => {
  const { page, write } = stage;
  await opened(stage);
  const complete = async (): Promise<string> => (await page.locator('[data-text="trials"]').textContent()) ?? "";
  assert.match(await complete(), /60 of 64 trials/);
  await page.evaluate("globalThis.here = true");
  await write(["trial"]);
  await eventually("a trial that waited has trained", async () => /61 of 64 trials.*1 waiting/.test(await complete()));
  await eventually("it is in the table", async () => (await page.locator('[data-trial="60"] .study-value').textContent()) !== "");
  assert.equal(await page.evaluate("globalThis.here"), true);
});

flow("pictures are chosen, stand in the address, and one trial stands out in all", async (stage) => {
  const { page } = stage;
  await opened(stage);
  await page.locator(`${card("importance")} [data-parameter="act"] button`).click();
  await page.locator(card("slice")).filter({ hasText: "valid/accuracy over act" }).waitFor();
  await page.selectOption('[data-action="contour-x"]', "act");
  await page.selectOption('[data-action="contour-y"]', "alpha");
  await page.locator('[data-contour]:not([data-contour="none"])').waitFor();
  await page.locator('[data-action="study-axes"]').click();
  await page.locator(".study-axes label").filter({ hasText: "dropout" }).locator("input").uncheck();
  await page.keyboard.press("Escape");
  await eventually("the axis is gone", async () => (await page.locator(`${card("parallel")} [data-axis]`).count()) === 6);
  assert.match(page.url(), /hue=act/);
  assert.match(page.url(), /across=act/);
  assert.match(page.url(), /up=alpha/);
  const grip = page.locator(`${card("parallel")} [data-axis="0"]`);
  await grip.focus();
  await page.keyboard.press("ArrowUp");
  await page
    .locator(`${card("parallel")} [data-brushed]`)
    .filter({ hasText: /\d+ of \d+ trials/ })
    .waitFor();
  await page.reload();
  await page.locator(card("slice")).filter({ hasText: "valid/accuracy over act" }).waitFor();
  await page.click('[data-sort="param:lr"]');
  assert.equal(await page.locator('th[aria-sort="ascending"]').textContent(), "lr ↑");
});

flow("with two metrics the front is drawn", async (stage) => {
  const { page } = stage;
  await opened(stage, "/p/studies/s/size-or-speed");
  assert.match((await page.locator('[data-text="best"]').textContent()) ?? "", /^\d+ of 40 trials are beaten by no other one/);
  assert.equal(await page.locator(`${card("front")} .small-line`).count(), 1);
  await page.selectOption('[data-action="study-metric"]', "images_per_second");
  await page.locator(card("progress")).filter({ hasText: "images_per_second by trial" }).waitFor();
  await page.locator('[data-contour]:not([data-contour="none"])').waitFor();
  assert.deepEqual(await faults(page), []);
});

flow("a project lists its studies, and what is none is said", async (stage) => {
  const { page, go, write, expectStatus } = stage;
  await write(["studies"]);
  await go("/p/studies");
  const link = page.locator('[data-action="study"]').filter({ hasText: "digits" });
  assert.match((await link.textContent()) ?? "", /60 of 64 trials, 2 running, best 0\.9/);
  await link.click();
  await page.locator('[data-page="study"]').waitFor();
  await go("/p/studies/s/just-begun");
  await page.locator('[role="status"]').filter({ hasText: "No trial has begun yet" }).waitFor();
  assert.deepEqual(await faults(page), []);
  expectStatus(404);
  await go("/p/studies/s/missing");
  await page.locator('[data-notice="empty"]').filter({ hasText: "no such study" }).waitFor();
  assert.deepEqual(await faults(page), []);
});

flow("a study is read by everybody, light, dark and narrow", async (stage) => {
  const { page } = stage;
  await opened(stage);
  await page.locator('[data-contour]:not([data-contour="none"])').waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await faults(page), [], colorScheme);
  }
  await page.setViewportSize({ width: 400, height: 800 });
  await eventually("nothing is wider than the screen", async () => (await page.evaluate("document.documentElement.scrollWidth")) === 400);
});
