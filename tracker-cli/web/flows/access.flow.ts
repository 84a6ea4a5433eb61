import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { faults, faultsOfDialog } from "./access.ts";
import { drawn, eventually, flow } from "./harness.ts";
import type { Stage } from "./harness.ts";

/** Every page and tab. */
async function places({ id }: Stage): Promise<string[]> {
  const compared = `/c?run=${await id("lr0.001-seed0")}&run=${await id("lr0.03-seed2")}`;
  const rich = `/r/${await id("rich")}`;
  const tabs = (page: string, names: string[]): string[] => names.map((name) => `${page}${page.includes("?") ? "&" : "?"}tab=${name}`);
  return [
    "/",
    "/p/sweep",
    "/p/sweep?by=group&grouped=1",
    `/p/sweep?${new URLSearchParams([
      ["chart", "of=c:1&m=train/loss&mr=train/accuracy&ylog=1&clip=1"],
      ["chart", "of=c:2&f=`train/los` * 2"],
    ]).toString()}`,
    "/p/odd",
    "/p/sweep?tab=table",
    "/p/seeds?tab=groups",
    "/p/seeds?tab=groups&pick=narrow&pick=wide",
    "/p/seeds?tab=table&by=group",
    "/p/sweep?tab=settings",
    `/p/sweep?m=valid/accuracy&${new URLSearchParams([
      ["chart", "of=c:1&as=scatter&across=config:lr&up=summary:valid/accuracy&hue=config:seed"],
      ["chart", "of=c:2&as=parallel&axis=config:lr&axis=config:model.kind&axis=summary:valid/accuracy&up=summary:valid/accuracy"],
      ["chart", "of=c:3&as=importance&up=summary:valid/accuracy"],
    ]).toString()}`,
    "/p/sweep?step=700&told=1",
    `/p/sweep?tab=table&base=${await id("lr0.01-seed0")}`,
    "/p/sweep?q=nothing",
    "/p/sweep?q=lr+%3C",
    "/p/sweep?m=nothing",
    "/p/none",
    compared,
    ...tabs(compared, ["why", "results", "config", "environment", "packages", "code", "groups", "scatter", "parallel"]),
    `/c?run=${await id("rich")}`,
    rich,
    `${rich}?tab=charts&step=20&told=1`,
    ...tabs(rich, ["charts", "config", "messages", "media", "artifacts"]),
    `/r/${await id("failed")}`,
    `/r/${await id("lr0.01-seed0")}?tab=system`,
  ];
}

for (const theme of ["light", "dark"] as const) {
  flow(`every page names its controls, orders its headings and can be read in ${theme}`, async (stage) => {
    const { page, go } = stage;
    const wrong: string[] = [];
    await page.emulateMedia({ colorScheme: theme });
    for (const path of await places(stage)) {
      await go(path);
      await page.locator("[data-page]").waitFor();
      await eventually("all is fetched", async () => (await page.locator(".loading").count()) === 0);
      wrong.push(...(await faults(page)).map((fault) => `${path}: ${fault}`));
    }
    assert.deepEqual(wrong, []);
  });
}

flow(
  "an empty store and the dialogs are read as well",
  async ({ page, go }) => {
    await go("/");
    await page.locator('[data-notice="empty"]').waitFor();
    assert.deepEqual(await faults(page), []);
    for (const [key, name] of [
      ["?", "help"],
      ["Control+k", "palette"],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator(`[data-dialog="${name}"]`).waitFor();
      assert.deepEqual(await faultsOfDialog(page), [], name);
      await page.keyboard.press("Escape");
      await eventually("closed", async () => (await page.locator("dialog").count()) === 0);
    }
  },
  "empty",
);

function focused(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const at = document.activeElement;
    return at?.getAttribute("data-action") ?? at?.getAttribute("data-tab") ?? at?.getAttribute("data-eye") ?? at?.id ?? null;
  });
}

flow("keys go through runs and tabs, and dialogs give the focus back", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "train/loss");
  const eyes = await page.locator("[data-eye]").evaluateAll((all) => all.map((eye) => eye.getAttribute("data-eye")));
  await page.locator("[data-eye]").first().focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(page), eyes[1]);
  await page.keyboard.press("Space");
  await eventually(
    "the second run is hidden",
    async () => (await page.getAttribute(`[data-eye="${eyes[1]}"]`, "aria-pressed")) === "false",
  );
  assert.equal(
    await page.locator('.rail [data-key] [tabindex="0"]').count(),
    5,
    "the list is one stop of the Tab key: the controls of one row",
  );
  await page.locator('[data-tab="charts"]').focus();
  await page.keyboard.press("ArrowRight");
  await page.locator(".runs-table").waitFor();
  assert.equal(await focused(page), "table");
  await page.locator('[data-action="palette"]').focus();
  await page.keyboard.press("Enter");
  await page.locator('[data-dialog="palette"]').waitFor();
  await page.keyboard.press("Escape");
  await eventually("the focus is back", async () => (await focused(page)) === "palette");
  await page.click('[data-action="columns"]');
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".picker[open]").count(), 0);
  assert.equal(await focused(page), "columns");
});
