import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { faults } from "./access.ts";
import { counted } from "./clicks.ts";
import { eventually, flow, TRACKER } from "./harness.ts";

/** Makes runs like the only one of the project `many`. */
function copies(store: string, count: number): void {
  const project = join(store, "many");
  const [first = ""] = readdirSync(project);
  const claim = readdirSync(join(project, first)).find((name) => name.startsWith("events-")) ?? "";
  const file = JSON.parse(readFileSync(join(project, first, "run.json"), "utf8")) as Record<string, unknown>;
  for (let at = 1; at < count; at += 1) {
    const id = first.slice(0, 16) + String(at).padStart(10, "0");
    mkdirSync(join(project, id));
    writeFileSync(join(project, id, claim), "");
    writeFileSync(join(project, id, "run.json"), JSON.stringify({ ...file, id, name: `copy-${at}` }));
  }
}

const rows = (page: Page): Promise<number> => page.locator(".rail [data-run]").count();

async function begin(page: Page, go: (path: string) => Promise<void>, path = "/p/sweep"): Promise<void> {
  await go(path);
  await page.locator(".rail [data-run]").first().waitFor();
}

flow("a run is deleted by two clicks, and brought back by one", async ({ page, go, id }) => {
  await begin(page, go);
  const run = await id("lr0.003-seed1");
  const { click, clicks } = counted(page);
  await click(`.rail [data-select="${run}"]`);
  await click('[data-action="many-delete"]');
  await eventually("it is gone", async () => (await page.locator(`.rail [data-run="${run}"]`).count()) === 0);
  assert.match((await page.locator('[data-notice="many"]').textContent()) ?? "", /1 run deleted/);
  assert.equal(clicks(), 2);
  await click('[data-action="undo"]');
  await page.locator(`.rail [data-run="${run}"]`).waitFor();
  assert.equal(clicks(), 3);
});

flow("all runs of a search are deleted, and after a reload the project's menu brings them back", async ({ page, go }) => {
  await begin(page, go, "/p/sweep?q=lr+%3D+0.01");
  assert.equal(await rows(page), 3);
  await page.locator('[data-action="select-all"]').first().click();
  await page.locator('[data-selected="3"]').waitFor();
  await page.click('[data-action="many-delete"]');
  await eventually("none is left", async () => (await rows(page)) === 0);
  await page.reload();
  const { click, clicks } = counted(page);
  await click('[data-action="project-menu"]');
  await click('[data-action="undo-change"]');
  await eventually("they are back", async () => (await rows(page)) === 3);
  assert.equal(clicks(), 2);
});

flow("a project is renamed by two clicks, and by the same way gets its name back", async ({ page, go }) => {
  await begin(page, go);
  const { click, clicks } = counted(page);
  await click('[data-action="project-menu"]');
  await click('[data-action="rename-project"]');
  await page.fill('[data-input="project-name"]', "search");
  await page.keyboard.press("Enter");
  await page.locator("h1").filter({ hasText: "search" }).waitFor();
  assert.equal(clicks(), 2);
  assert.match(page.url(), /\/p\/search/);
  await eventually("its runs are there", async () => (await rows(page)) === 12);
  await page.click('[data-action="undo"]');
  await go("/p/sweep");
  await eventually("they are back", async () => (await rows(page)) === 12);
});

flow("a name that another project has is refused in words", async ({ page, go, expectStatus }) => {
  expectStatus(409);
  await begin(page, go);
  await page.click('[data-action="project-menu"]');
  await page.click('[data-action="rename-project"]');
  await page.fill('[data-input="project-name"]', "odd");
  await page.keyboard.press("Enter");
  await page.locator('[data-notice="many"][role="alert"]').waitFor();
  assert.match((await page.locator('[data-notice="many"]').textContent()) ?? "", /there already.*tracker mv/);
});

flow("a run is moved to another project by two clicks", async ({ page, go, id }) => {
  await begin(page, go);
  const run = await id("lr0.03-seed0");
  const { click, clicks } = counted(page);
  await click(`.rail [data-select="${run}"]`);
  await click('[data-action="many-move"]');
  await page.fill('[data-input="many-move"]', "archive");
  await page.keyboard.press("Enter");
  await eventually("it has left", async () => (await rows(page)) === 11);
  assert.equal(clicks(), 2);
  await go("/p/archive");
  await page.locator(`.rail [data-run="${run}"]`).waitFor();
});

flow("all runs are tagged by three clicks at most, and single ones by a range", async ({ page, go }) => {
  await begin(page, go, "/p/sweep?tab=table");
  const { click, clicks } = counted(page);
  await click('.stage [data-action="select-all"]');
  await click('[data-action="many-tag"]');
  await page.fill('[data-input="many-tag"]', "paper, two words");
  await page.keyboard.press("Enter");
  await eventually("it is told", async () => /12 runs tagged/.test((await page.locator('[data-notice="many"]').textContent()) ?? ""));
  assert.ok(clicks() <= 3, `${clicks()} clicks`);
  await page.click('[data-action="clear-selection"]');
  await page.locator(".runs-table [data-select]").nth(1).click();
  await page
    .locator(".runs-table [data-select]")
    .nth(4)
    .click({ modifiers: ["Shift"] });
  await page.locator('[data-selected="4"]').waitFor();
  await page.click('[data-action="many-tag"]');
  await page.fill('[data-input="many-tag"]', "-paper");
  await page.keyboard.press("Enter");
  await page.fill('[data-action="search"]', "tag = paper");
  await eventually("eight are left", async () => (await rows(page)) === 8);
});

flow("what cannot be done is told run by run, and a run that another window deleted is no error page", async (stage) => {
  const { page, go, store, id, train } = stage;
  const live = await train("alive");
  await begin(page, go, "/p/live");
  await page.locator(`.rail [data-select="${live.id}"]`).click();
  await page.click('[data-action="many-delete"]');
  await page.locator('[data-notice="many"][role="alert"]').waitFor();
  assert.match(
    (await page.locator('[data-notice="many"]').textContent()) ?? "",
    /1 of 1 run not deleted.*still logs to it.*stop that process/s,
  );
  await begin(page, go);
  const gone = await id("lr0.001-seed2");
  await page.locator(`.rail [data-select="${gone}"]`).click();
  stage.expectStatus(404);
  await go(`/r/${gone}`);
  await page.locator("h1").filter({ hasText: "lr0.001-seed2" }).waitFor();
  execFileSync(TRACKER, ["rm", gone, "--yes"], { env: { ...process.env, TRACKER_DIR: store }, stdio: "ignore" });
  await page.locator('[data-notice="gone"]').waitFor();
  assert.equal(await page.locator("h1").filter({ hasText: "lr0.001-seed2" }).count(), 1, "what was read stays");
});

flow("the notes of a project are Markdown in a file, seen as they are typed", async ({ page, go, store }) => {
  await begin(page, go);
  await page.click('[data-action="project-menu"]');
  await page.click('[data-action="project-notes"]');
  await page.fill(
    '[data-input="project-notes"]',
    "# Sweep\n- **lr** first <script>alert(1)</script>\n\n[out](javascript:alert(1)) [paper](https://x.org/)",
  );
  await page.locator('[data-preview="project-notes"] h3').filter({ hasText: "Sweep" }).waitFor();
  await page.click('[data-action="save-project-notes"]');
  await page.locator(".project-notes .markdown strong").filter({ hasText: "lr" }).waitFor();
  const file = join(store, ".views/sweep/README.md");
  await eventually("the file is written", async () => existsSync(file));
  assert.match(readFileSync(file, "utf8"), /^# Sweep/);
  assert.deepEqual(await page.locator(".project-notes a").evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href)), [
    "https://x.org/",
  ]);
  assert.equal(await page.locator(".project-notes script").count(), 0);
  await page.reload();
  await page.locator(".project-notes h3").waitFor();
  assert.deepEqual(await faults(page), []);
});

flow("runs are selected and deleted by keys alone, and the bar can be read in light and dark", async ({ page, go }) => {
  await begin(page, go, "/p/sweep?tab=table");
  await page.locator(".runs-table [data-select]").first().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+Space");
  await page.locator('[data-selected="3"]').waitFor();
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.click('[data-action="many-tag"]');
    assert.deepEqual(await faults(page), [], theme);
    await page.keyboard.press("Escape");
    await page.click('[data-action="project-menu"]');
    assert.deepEqual(await faults(page), [], theme);
    await page.keyboard.press("Escape");
  }
  await page.locator('[data-action="many-delete"]').focus();
  await page.keyboard.press("Enter");
  await eventually("nine are left", async () => (await rows(page)) === 9);
  assert.deepEqual(await faults(page), []);
});

flow("ten thousand runs are selected and tagged at once", async ({ page, go, store, write }) => {
  await write(["many", "1", "1"]);
  copies(store, 10_000);
  await go("/p/many");
  await page.locator('.rail [data-count="10000"]').waitFor({ timeout: 50_000 });
  await page.locator('[data-action="select-all"]').first().click();
  await page.locator('[data-selected="10000"]').waitFor();
  await page.click('[data-action="many-tag"]');
  await page.fill('[data-input="many-tag"]', "all");
  await page.keyboard.press("Enter");
  await page.locator('[data-notice="many"]').filter({ hasText: "10000 runs tagged" }).waitFor({ timeout: 50_000 });
});
