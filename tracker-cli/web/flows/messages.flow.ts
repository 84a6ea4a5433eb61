import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { eventually, flow } from "./harness.ts";

function line(number: number, level: string, text: string, fields: object = {}): string {
  const time = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString().replace("Z", "000Z");
  return `${JSON.stringify({ time, step: number, level, source: "log", target: "train", text, fields })}\n`;
}

flow(
  "messages are found by level, words and steps; earlier ones come on request, new ones by themselves",
  async ({ page, go, store, train }) => {
    const { id } = await train("speaking");
    const project = readdirSync(store).find((name) => existsSync(join(store, name, id))) ?? "";
    const file = join(store, project, id, "messages-r0a1.jsonl");
    const levels = ["info", "warning", "error"];
    for (let number = 0; number < 1200; number += 1) appendFileSync(file, line(number, levels[number % 3] ?? "", `apple ${number}`));
    await go(`/r/${id}?tab=messages`);
    const first = page.locator(".message").first();
    const told = async (words: string): Promise<void> => eventually(words, async () => ((await first.textContent()) ?? "").includes(words));
    await page.selectOption('[aria-label="Level"]', "warning");
    await told("apple 1199");
    await page.selectOption('[aria-label="Source"]', "output");
    await eventually("nothing was printed", async () => (await page.locator(".message").count()) === 0);
    await page.selectOption('[aria-label="Source"]', "log");
    await told("apple 1199");
    await page.fill('[aria-label="Find in messages"]', "APPLE 7");
    await told("apple 799");
    await page.fill('[aria-label="Steps"]', "700-710");
    await told("apple 710");
    await page.fill('[aria-label="Find in messages"]', "");
    await page.fill('[aria-label="Steps"]', "");
    await page.fill('[aria-label="Find in messages"]', "apple");
    await told("apple 1199");
    await page.click('[data-action="earlier"]');
    await eventually("no earlier ones", async () => (await page.locator('[data-action="earlier"]').count()) === 0);
    await page.getByText("800, the newest first").waitFor();
    appendFileSync(file, line(1200, "error", "apple of a panic", { thread: "main", backtrace: "0: a\n   at b" }));
    await told("apple of a panic");
    await first.getByText("all of it").click();
    assert.match((await page.locator(".message-whole pre").textContent()) ?? "", /thread: main\nbacktrace: 0: a\n {3}at b/);
  },
);

flow("a run that is over is asked for its messages once", async ({ page, go, id }) => {
  let asked = 0;
  page.on("request", (request) => {
    asked += Number(request.url().includes("/messages?"));
  });
  await go(`/r/${await id("rich")}?tab=messages`);
  await page.locator(".message").nth(3).waitFor();
  await page.waitForTimeout(1000);
  assert.equal(await page.locator(".message").count(), 4);
  assert.equal(asked, 1);
});
