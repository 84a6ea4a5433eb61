import assert from "node:assert/strict";
import { flow } from "./harness.ts";

flow("a knob is set on the run's page, which tells when it is so, and what cannot be", async ({ page, go, train, expectStatus }) => {
  const { id } = await train("turned");
  await go(`/r/${id}`);
  const knob = page.locator('[data-knob="lr"]');
  const value = knob.locator('[data-text="knob-value"]');
  await value.filter({ hasText: /^0\.001$/ }).waitFor();
  const set = async (text: string): Promise<void> => {
    await knob.locator("input").fill(text);
    await knob.locator("button").click();
  };
  expectStatus(400);
  await set("7");
  await knob.locator('[data-notice="failure"]').filter({ hasText: "it takes values from 1e-6 to 0.1" }).waitFor();
  assert.equal(await value.textContent(), "0.001");
  await knob.locator("input").fill("fast");
  assert.ok(await knob.locator("button").isDisabled());

  await set("5e-4");
  await value.filter({ hasText: /^0\.0005$/ }).waitFor();
  const changes = knob.locator('[data-text="knob-changes"] li');
  assert.match((await changes.first().textContent()) ?? "", /^step \d+: 0\.0005, .+@.+, \d\d:\d\d:\d\d$/);
  assert.equal(await knob.locator('[data-notice="failure"]').count(), 0);
});
