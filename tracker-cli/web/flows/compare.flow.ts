import assert from "node:assert/strict";
import { drawn, eventually, flow } from "./harness.ts";

const address = (runs: readonly string[]): string => `/c?${runs.map((run) => `run=${run}`).join("&")}`;

flow("runs of two projects are compared by what differs, with types, and the best is marked", async ({ page, go, id }) => {
  const runs = [await id("lr0.001-seed0"), await id("lr0.001-seed1"), await id("baseline")];
  await go(address(runs));
  assert.equal((await drawn(page, "train/loss"))["series"], "3");
  await page.click('[data-tab="config"]');
  await page.locator('[data-path="model.kind"]').waitFor();
  assert.deepEqual(await page.locator('[data-path="model.kind"] td').allTextContents(), ['"mlp"', '"mlp"', '"cnn"']);
  assert.deepEqual(await page.locator('[data-path="seed"] td').allTextContents(), ["0", "1", "missing"]);
  assert.equal(await page.locator('[data-path="model.hidden"]').count(), 0, "what is the same is not listed");
  await page.click('[data-action="same"]');
  await page.locator('[data-path="model.hidden"][data-differs="false"]').waitFor();
  await page.click('[data-tab="results"]');
  for (const [metric, which] of [
    ["valid/loss", "best"],
    ["throughput", "last"],
  ] as const) {
    assert.match((await page.locator(`[data-metric="${metric}"] th`).textContent()) ?? "", new RegExp(`\\(${which}\\)`));
  }
  const best = page.locator('[data-metric="valid/loss"] [data-best="true"]');
  await eventually("the baseline is best", async () => (await best.getAttribute("data-run")) === runs[2]);
  await page.click('[data-tab="groups"]');
  await page.locator('[data-metric="valid/loss"] [data-group="lr 0.001"]').filter({ hasText: "±" }).waitFor();
  await page.click('[data-tab="code"]');
  await eventually("each run's commit", async () => (await page.locator("[data-code]").count()) === 3);
});

flow("of very many settings the first are drawn, and all of them where somebody asks", async ({ page, go, id }) => {
  await page.route("**/api/v1/compare?*", async (route) => {
    const response = await route.fetch();
    const compared = await response.json();
    const values = [
      { kind: "number", value: 1 },
      { kind: "number", value: 2 },
    ];
    compared.config = Array.from({ length: 1200 }, (_, nth) => ({ path: `setting_${nth}`, differs: true, values }));
    await route.fulfill({ response, json: compared });
  });
  await go(`${address([await id("lr0.001-seed0"), await id("lr0.001-seed1")])}&tab=config`);
  const rows = page.locator('[data-path^="setting_"]');
  await page.getByText("700 more are not shown.").waitFor();
  assert.equal(await rows.count(), 500);
  await page.click('[data-action="show-all"]');
  await eventually("all are drawn", async () => (await rows.count()) === 1200);
  assert.equal(await page.locator('[data-action="show-all"]').count(), 0);
});

flow("runs are added to a comparison and taken out, and the address follows", async ({ page, go, id }) => {
  await go(address([await id("lr0.001-seed0")]));
  await page.locator('[data-notice="empty"]').waitFor();
  await page.click('[data-action="add-run"]');
  await page.fill('[aria-label="Add a run"]', "baseline");
  await page.press('[aria-label="Add a run"]', "Enter");
  await drawn(page, "train/loss");
  assert.equal(new URL(page.url()).searchParams.getAll("run").length, 2);
  await page.locator('[data-action="remove-run"]').first().click();
  await page.locator('[data-notice="empty"]').waitFor();
});

flow("scatter and parallel axes show any numbers of the runs", async ({ page, go, id }) => {
  const runs = [await id("lr0.001-seed0"), await id("lr0.003-seed0"), await id("lr0.01-seed0")];
  await go(`${address(runs)}&tab=scatter`);
  await page.selectOption('[data-action="axis-across"]', "config:lr");
  await page.selectOption('[data-action="axis-up"]', "summary:valid/loss");
  await page.locator('[data-scatter][data-points="3"]').waitFor();
  await page.click('[data-tab="parallel"]');
  await eventually("three lines", async () => (await page.locator("[data-parallel]").getAttribute("data-lines")) === "3");
  const inside = async (): Promise<string | null> => page.locator("[data-parallel]").getAttribute("data-inside");
  await page.focus('.parallel-grip[data-axis="0"]');
  await page.keyboard.press("ArrowUp");
  await eventually("the upper half of the axis holds one run", async () => (await inside()) === "1");
  await page.keyboard.press("Escape");
  await eventually("all are back", async () => (await inside()) === "3");
  await page.click('[data-tab="scatter"]');
  await page.focus("[data-scatter] .small-pointed");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getAttribute("[data-scatter] .small-pointed", "data-near"), runs[1]);
  await page.keyboard.press("Enter");
  await page.locator("h1").filter({ hasText: "lr0.003-seed0" }).waitFor();
});

flow("the compare button of a project compares what is shown", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.click('a[data-action="compare"]');
  await page.locator('[data-page="compare"]').waitFor();
  await eventually("ten runs", async () => (await page.locator(".chip[data-run]").count()) === 10);
});

flow("more runs than stand beside each other are compared too, and it is said which tables have them all", async ({ page, go, write }) => {
  await write(["many", "70", "20"]);
  await go("/p/many?draw=all");
  await page.click('a[data-action="compare"]');
  await page.locator('[data-page="compare"]').waitFor();
  await page.click('[data-tab="scatter"]');
  await page.locator('[data-scatter][data-points="70"]').waitFor();
  assert.match((await page.textContent("figcaption")) ?? "", /^70 of 70 runs/);
  await page.click('[data-tab="results"]');
  await page.locator('[data-notice="beside"]', { hasText: "The first 50 of 70 runs stand side by side here" }).waitFor();
});

flow("the code of runs is compared by commits and by what was changed since", async ({ page, go, id }) => {
  const runs = [await id("code: wider"), await id("code: widest"), await id("code: committed"), await id("code: clean")];
  await go(`${address(runs)}&tab=code`);
  await page.locator('[data-text="verdict"]', { hasText: "The runs are of 2 commits, with other changes. To see" }).waitFor();
  const widest = page.locator(`[data-code="${runs[1]}"]`);
  await widest.locator('[data-text="changes"]', { hasText: "with changes in 3 files" }).waitFor();
  await widest.locator('[data-change="src/data.rs"] [data-where="alike"]').waitFor();
  assert.equal(await widest.locator('[data-change="src/data.rs"] .diff').count(), 0, "what is alike is folded");
  await widest.locator('[data-change="src/model.rs"] [data-where="differently"]').waitFor();
  await widest.locator('[data-change="src/model.rs"] .diff-added', { hasText: "+    let x = x.linear(256);" }).waitFor();
  await widest.locator('[data-change="src/model.rs"] [data-shared="true"]', { hasText: "detach" }).waitFor();
  await widest.locator('[data-change="src/<b>new.rs"]', { hasText: "does not track" }).waitFor();
  await page.locator(`[data-code="${runs[2]}"] [data-text="changes"]`, { hasText: "without changes" }).waitFor();
  await page.locator(`[data-code="${runs[3]}"] [data-change="src/model.rs"] [data-where="first"]`).waitFor();
  await go(`/r/${runs[1]}`);
  await page.click('[data-action="patch"]');
  await page.locator('[data-change="src/model.rs"] .diff-removed', { hasText: "-    let x = x.linear(64);" }).waitFor();
});
