import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { faults } from "./access.ts";
import { counted } from "./clicks.ts";
import { drawn, eventually, flow, lines } from "./harness.ts";

const place = (metric: string): string => `[data-place="m:${metric}"]`;

/** The charts of a group in their order, by their metrics. */
function order(page: Page, group: string): Promise<string[]> {
  return page
    .locator(`[data-group-of-charts="${group}"] [data-place]`)
    .evaluateAll((all) => all.map((each) => (each.getAttribute("data-place") ?? "").slice(2)));
}

const metrics = ["lr", "spike", "throughput"];

flow("a chart is pinned, moved and made larger by one click or drag each, hidden by two, and stays so", async ({ page, go }) => {
  await page.setViewportSize({ width: 1280, height: 1400 });
  await go("/p/sweep");
  await drawn(page, "spike");
  const hand = counted(page);
  const usual = ["train/loss", "valid/loss", "train/accuracy", "valid/accuracy"];
  assert.deepEqual(await order(page, "pinned"), usual, "losses and accuracies by themselves");
  assert.deepEqual(await order(page, "s:metrics"), metrics);

  await hand.click(`${place("spike")} [data-action="pin"]`);
  assert.equal(hand.taken(), 1, "pin");
  await eventually("a fifth pin", async () => (await order(page, "pinned")).join() === [...usual, "spike"].join());
  assert.deepEqual(await order(page, "s:metrics"), ["lr", "throughput"]);

  await drawn(page, "lr");
  await hand.drag(`${place("throughput")} [data-action="move"]`, place("lr"), [0.2, 0.5]);
  assert.equal(hand.taken(), 1, "move");
  await eventually("the other way round", async () => (await order(page, "s:metrics")).join() === "throughput,lr");

  await page.locator(place("lr")).scrollIntoViewIfNeeded();
  const before = await page.locator(place("lr")).boundingBox();
  assert.ok(before);
  await hand.drag(`${place("lr")} [data-action="resize"]`, place("lr"), [2, 1.4]);
  assert.equal(hand.taken(), 1, "resize");
  await eventually("higher", async () => ((await page.locator(place("lr")).boundingBox())?.height ?? 0) > before.height + 60);

  await hand.click(`${place("throughput")} [data-action="menu"]`);
  await hand.click(`${place("throughput")} [data-action="hide"]`);
  assert.equal(hand.taken(), 2, "hide");
  await eventually("one less", async () => (await order(page, "s:metrics")).join() === "lr");

  const address = page.url();
  await page.reload();
  await drawn(page, "lr");
  assert.deepEqual(await order(page, "pinned"), [...usual, "spike"]);
  assert.deepEqual(await order(page, "s:metrics"), ["lr"]);
  await go("/p/sweep");
  await drawn(page, "spike");
  assert.equal(page.url(), address, "the address that says nothing has it all from the last visit");

  await hand.click('[data-action="hidden"]');
  await hand.click('[data-show="m:throughput"]');
  assert.equal(hand.taken(), 2, "show again");
  await eventually("in its place", async () => (await order(page, "s:metrics")).join() === "throughput,lr");
  await page.locator(place("lr")).scrollIntoViewIfNeeded();
  await page.dblclick(`${place("lr")} [data-action="resize"]`);
  await eventually("the usual size", async () => !/size/.test(decodeURIComponent(page.url())));
});

flow("all of it is done with keys, and nothing lacks a name", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.locator(`${place("train/loss")} [data-action="move"]`).focus();
  await page.keyboard.press("ArrowRight");
  await eventually("moved", async () => (await order(page, "pinned"))[1] === "train/loss");
  const focused = (): Promise<string | null | undefined> => page.evaluate(() => document.activeElement?.getAttribute("data-grip"));
  await eventually("the focus goes along", async () => (await focused()) === "m:train/loss");
  await page.locator('.board [role="status"]', { hasText: "train/loss is number 2 of 4" }).waitFor({ state: "attached" });
  const corner = page.locator(`${place("train/loss")} [data-action="resize"]`);
  await corner.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await eventually("its size is told", async () => /columns 2, pixels 240/.test((await corner.getAttribute("aria-label")) ?? ""));
  await page.locator(`${place("train/loss")} [data-action="pin"]`).focus();
  await page.keyboard.press("Enter");
  await eventually("in its section", async () => (await order(page, "s:train")).join() === "train/loss");
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    assert.deepEqual(await faults(page), []);
    await page.click('[data-action="views"]');
    await page.locator('[data-action="export-view"]').waitFor();
    assert.deepEqual(await faults(page), []);
    await page.keyboard.press("Escape");
  }
});

flow("sections of few charts share a row, and no row is left half empty", async ({ page, go }) => {
  for (const width of [1280, 1920]) {
    await page.setViewportSize({ width, height: 1080 });
    await go("/p/sweep");
    await drawn(page, "spike");
    const empty = await page.locator(".board").evaluate((board) => {
      const right = board.getBoundingClientRect().right;
      const rows = new Map<number, number>();
      for (const chart of board.querySelectorAll(".chart-place")) {
        const box = chart.getBoundingClientRect();
        rows.set(Math.round(box.top), Math.max(rows.get(Math.round(box.top)) ?? 0, box.right));
      }
      return [...rows.values()].filter((end) => end < right - 8).length;
    });
    assert.equal(empty, 0, `${width}`);
  }
});

flow("tabs stand still when one is chosen, and the thick line is explained", async ({ page, go }) => {
  await go("/p/sweep");
  await page.locator(`${place("train/loss")} .chart-note`, { hasText: "thick: the best, lr0.03" }).waitFor();
  const left = (): Promise<number | undefined> => page.locator('[data-tab="table"]').evaluate((tab) => tab.getBoundingClientRect().left);
  const before = await left();
  await page.click('[data-tab="table"]');
  await page.locator(".runs-table").waitFor();
  assert.equal(await left(), before);
});

flow("a view is saved by two clicks, comes back, is updated, renamed, and deleted with undo", async ({ page, go, store }) => {
  const file = (name: string): string => join(store, ".views/sweep", `${name}.json`);
  await go("/p/sweep?q=lr+%3E+0.001&by=group&smooth=0.5");
  await drawn(page, "train/loss");
  await page.click(`${place("spike")} [data-action="pin"]`);
  const hand = counted(page);
  await hand.click('[data-action="views"]');
  await page.fill('[data-input="view-name"]', "losses of seeds");
  await hand.click('[data-action="save-view"]');
  assert.equal(hand.taken(), 2, "save");
  await page.locator('.views[data-view="losses of seeds"][data-changed="false"]').waitFor();
  const text = JSON.parse(readFileSync(file("losses of seeds"), "utf8")) as { version: number; view: Record<string, unknown> };
  assert.equal(text.version, 1);
  assert.deepEqual(text.view["query"], "lr > 0.001");
  assert.ok((text.view["pins"] as string[]).includes("m:spike"));

  await page.keyboard.press("Escape");
  await page.click('[data-action="ylog"]');
  await page.locator('.views[data-changed="true"]').waitFor();
  await hand.click('[data-action="views"]');
  await hand.click('[data-action="update-view"]');
  assert.equal(hand.taken(), 2, "update");
  await page.locator('.views[data-changed="false"]').waitFor();
  assert.equal(JSON.parse(readFileSync(file("losses of seeds"), "utf8")).view.yLog, true);

  await page.keyboard.press("Escape");
  await page.click('[data-action="ylog"]');
  await page.fill('[data-action="search"]', "");
  await hand.click('[data-action="views"]');
  await hand.click('[data-load-view="losses of seeds"]');
  assert.equal(hand.taken(), 2, "choose");
  await eventually("as it was saved", async () => (await page.inputValue('[data-action="search"]')) === "lr > 0.001");
  assert.equal(await page.getAttribute('[data-action="ylog"]', "aria-pressed"), "true");

  await page.fill('[data-input="view-name"]', "seeds");
  await page.click('[data-action="rename-view"]');
  await page.locator('.views[data-view="seeds"]').waitFor();
  assert.ok(existsSync(file("seeds")) && !existsSync(file("losses of seeds")));

  await go("/");
  await page.locator("main a", { hasText: "sweep" }).first().click();
  await page.locator('.views[data-view="seeds"][data-changed="false"]').waitFor();
  assert.equal(await page.inputValue('[data-action="search"]'), "lr > 0.001", "who comes back finds search and groups");
  assert.match(page.url(), /by=group/);

  await page.click('[data-action="views"]');
  await page.click('[data-action="delete-view"]');
  await eventually("gone", async () => !existsSync(file("seeds")));
  await page.click('[data-action="undo-delete"]');
  await eventually("back", async () => existsSync(file("seeds")));
});

flow("of two windows that save one view, the second is told and has two ways out", async ({ page, go, expectStatus }) => {
  expectStatus(409);
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.click('[data-action="views"]');
  await page.fill('[data-input="view-name"]', "shared");
  await page.click('[data-action="save-view"]');
  await page.locator('.views[data-view="shared"]').waitFor();
  const origin = new URL(page.url()).origin;
  const theirs = async (smooth: number): Promise<void> => {
    const path = `${origin}/api/v1/projects/sweep/views/shared`;
    const { revision } = (await (await fetch(path)).json()) as { revision: string };
    const body = JSON.stringify({ shown: { smooth }, over: revision });
    const answer = await fetch(`${path}/save`, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal(answer.status, 200);
  };
  await theirs(0.9);
  await page.keyboard.press("Escape");
  await page.click('[data-action="xlog"]');
  await page.click('[data-action="views"]');
  await page.click('[data-action="update-view"]');
  await page.locator('.views [data-notice="failure"]', { hasText: "changed since" }).waitFor();
  await page.click('[data-action="replace-theirs"]');
  await page.locator('.views[data-changed="false"]').waitFor();
  await theirs(0.8);
  await page.keyboard.press("Escape");
  await page.click('[data-action="xlog"]');
  await page.click('[data-action="views"]');
  await page.click('[data-action="update-view"]');
  await page.click('[data-action="load-theirs"]');
  await eventually("theirs", async () => (await page.inputValue('[data-action="smooth"]')) === "0.8");
});

flow("views of another version, of charts that are not there and of ten thousand pins are told", async ({ page, go, store }) => {
  const folder = join(store, ".views/sweep");
  mkdirSync(folder, { recursive: true });
  const put = (name: string, value: unknown): void => writeFileSync(join(folder, `${name}.json`), JSON.stringify(value));
  put("later", { version: 7, view: {} });
  put("gone", { version: 1, view: { pins: ["m:train/loss", "m:no/such", "c:9"], order: ["m:nothing"], hover: 1 } });
  put("many", { version: 1, view: { pins: Array.from({ length: 10_000 }, (_, at) => `m:${at}`) } });
  await go("/p/sweep");
  await drawn(page, "train/loss");
  await page.click('[data-action="views"]');
  await page.locator('[data-problem-of="later.json"]', { hasText: "version 7" }).waitFor();
  await page.click('[data-load-view="gone"]');
  await page.locator('[data-notice="missing-pins"]', { hasText: "no/such and 1 more are pinned" }).waitFor();
  await page.locator('[data-notice="view"]', { hasText: "“hover” is not known" }).waitFor();
  assert.deepEqual(await order(page, "pinned"), ["train/loss"]);
  await page.keyboard.press("Escape");
  await page.click('[data-action="forget-pins"]');
  await eventually("told no more", async () => (await page.locator('[data-notice="missing-pins"]').count()) === 0);
  await page.click('[data-action="views"]');
  await page.click('[data-load-view="many"]');
  await page.locator('[data-notice="view"]', { hasText: "10000 entries, of which the first 100 are taken" }).waitFor();
  assert.equal(JSON.parse(readFileSync(join(folder, "later.json"), "utf8")).version, 7);
  await page.keyboard.press("Escape");
  await page.reload();
  await drawn(page, "spike");
});

flow("a view is shared by one click as an address, and by two as a file that shows exactly it", async ({ page, go, store }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await go("/p/sweep?q=lr+%3E+0.001&draw=first&smooth=0.5&off=m%3Aspike&pin=m%3Athroughput");
  await drawn(page, "train/loss");
  const count = await lines(page, "train/loss");
  const hand = counted(page);
  await hand.click('[data-action="copy-link"]');
  assert.equal(hand.taken(), 1, "address");
  await page.locator('[data-action="copy-link"]', { hasText: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());

  const downloaded = page.waitForEvent("download");
  await hand.click('[data-action="views"]');
  await hand.click('[data-action="export-view"]');
  assert.equal(hand.taken(), 2, "report");
  const file = join(store, "view.html");
  await (await downloaded).saveAs(file);
  await page.goto(`file://${file}`);
  assert.equal(await lines(page, "train/loss"), count);
  assert.deepEqual(await order(page, "pinned"), ["throughput"]);
  assert.equal(await page.locator(place("spike")).count(), 0);
  assert.equal(await page.locator('[data-action="hidden"]').count(), 0, "what was hidden is no part of it");
  const held = await page.evaluate(() =>
    Object.keys((JSON.parse(document.getElementById("tracker-report")?.textContent ?? "") as { curves: object }).curves),
  );
  assert.ok(held.includes("train/loss") && !held.includes("spike"), held.join(" "));
  assert.equal(await page.inputValue('[data-action="smooth"]'), "0.5");
  assert.equal(await page.locator('[data-action="views"], [data-action="copy-link"]').count(), 0);
});

flow("tracker report opens with a saved view or an address", async ({ page, store, report }) => {
  const folder = join(store, ".views/sweep");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "mine.json"), JSON.stringify({ version: 1, view: { smooth: 0.7, pins: ["m:spike"], draw: "none" } }));
  const file = join(store, "report.html");
  const runs = ["lr0.001-seed0", "lr0.03-seed2"];
  for (const view of ["mine", "http://127.0.0.1:7788/p/sweep?smooth=0.7&pin=m%3Aspike"]) {
    await report([...runs, "--view", view, "--force", "-o", file]);
    await page.goto("about:blank");
    await page.goto(`file://${file}`);
    assert.equal(await lines(page, "train/loss"), 2);
    assert.deepEqual(await order(page, "pinned"), ["spike"]);
    assert.equal(await page.inputValue('[data-action="smooth"]'), "0.7");
  }
});

flow("a store that is only read says so, and can be exported", async ({ page, serve, expectStatus }) => {
  expectStatus(403);
  const { url } = await serve(["--read-only"]);
  await page.goto(`${url}p/sweep`);
  await drawn(page, "train/loss");
  await page.click('[data-action="views"]');
  await page.locator(".views", { hasText: "No view can be saved: the server was started with --read-only" }).waitFor();
  const downloaded = page.waitForEvent("download");
  await page.click('[data-action="export-view"]');
  assert.match((await downloaded).suggestedFilename(), /report\.html/);
});
