import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, renameSync } from "node:fs";
import { drawn, eventually, flow } from "./harness.ts";

flow("a training in another process appears and grows without a reload", async ({ page, go, train }) => {
  await go("/p/live");
  await page.waitForSelector('[data-page="project"]');
  const { id } = await train("newcomer");
  await page.locator(`.rail [data-run="${id}"]`).waitFor();
  const reach = async (): Promise<number> => Number((await drawn(page, "train/loss"))["xMax"]);
  const first = await reach();
  await eventually("new points are drawn", async () => (await reach()) > first + 10);
});

flow("a training that is killed turns crashed by itself", async ({ page, go, train }) => {
  const training = await train("victim");
  await go(`/r/${training.id}`);
  await page.locator('.run-head [data-state="running"]').waitFor();
  training.process.kill("SIGKILL");
  await page.locator('.run-head [data-state="crashed"]').waitFor();
});

flow("the stop button reaches the training, which ends and is shown as stopped, to its last point", async ({ page, go, train }) => {
  const training = await train("stoppable");
  const ended = once(training.process, "exit");
  await go(`/r/${training.id}?tab=charts`);
  await drawn(page, "train/loss");
  await page.click('[data-action="stop-now"]');
  await page.click('[data-action="stop-yes"]');
  const [code] = (await ended) as [number];
  assert.equal(code, 0);
  await page.locator('.run-head [data-state="stopped"]').waitFor();
  const lastStep = await page.evaluate(async (id) => {
    const run = (await (await fetch(`/api/v1/runs/${id}`)).json()) as { summary: Record<string, { step: number }> };
    return run.summary["train/loss"]?.step;
  }, training.id);
  await eventually("the last point is drawn", async () => Number((await drawn(page, "train/loss"))["xMax"]) === lastStep);
});

flow("a project whose folder vanishes is empty, and comes back by itself", async ({ page, go, store }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  renameSync(`${store}/sweep`, `${store}/.away`);
  await eventually("its runs are gone", async () => (await page.locator(".rail [data-run]").count()) === 0);
  renameSync(`${store}/.away`, `${store}/sweep`);
  await eventually("its runs are back", async () => (await page.locator(".rail [data-run]").count()) === 12);
});

flow(
  "an empty store says what to type",
  async ({ page, go }) => {
    await go("/");
    const program = readFileSync(new URL("../../../examples/hello/src/main.rs", import.meta.url), "utf8");
    assert.equal(await page.locator('[data-first="program"]').textContent(), program.trim());
    await page.locator('[data-first="manifest"]').filter({ hasText: "tracker-core = { git" }).waitFor();
  },
  "empty",
);
