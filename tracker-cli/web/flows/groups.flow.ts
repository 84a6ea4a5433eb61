import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { faults } from "./access.ts";
import { counted } from "./clicks.ts";
import { drawn, eventually, flow } from "./harness.ts";
import { pointAt } from "./pointer.ts";

const pick = (group: string): string => `[data-action="pick"][data-group="${group}"]`;
const verdict = (group: string): string => `[data-verdict="${group}"]`;

flow("whether one group of seeds is better than another takes three clicks, and ends in a sentence", async ({ page, go }) => {
  await go("/p/seeds");
  const mouse = counted(page);
  await mouse.click('[data-tab="groups"]');
  await page.locator('[data-verdicts="4"]').waitFor();
  await mouse.click(pick("narrow"));
  await mouse.click(pick("wide"));
  await page.locator('[data-verdicts="1"]').waitFor();
  const said = page.locator(verdict("wide"));
  assert.equal(await said.locator(".verdict").textContent(), "wide is better than narrow by 0.42 pp [0.15, 0.69], 5 seeds each, paired.");
  assert.match((await said.textContent()) ?? "", /p = 0\.012; a run of wide does better than one of narrow in 78 % \[\d+, \d+\] of cases/);
  assert.equal(await page.locator('[data-forest="1"] [data-row="wide"] .forest-mean').count(), 1);
  assert.equal(mouse.clicks(), 3);
  assert.match(page.url(), /pick=narrow&pick=wide/);
  await page.reload();
  await said.waitFor();
});

flow("the table of groups is copied as LaTeX by two clicks", async ({ page, go }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await go("/p/seeds");
  const mouse = counted(page);
  await mouse.click('[data-tab="groups"]');
  await mouse.click('[data-action="copy-latex"]');
  assert.equal(mouse.clicks(), 2);
  await page.locator('[data-said="LaTeX copied"]').waitFor();
  const copied = await page.evaluate("navigator.clipboard.readText()");
  assert.match(String(copied), /\\begin\{tabular\}[^]*narrow & 5 & 91\.50 \$\\pm\$ 0\.59[^]*\\end\{tabular\}/);
  const [saved] = await Promise.all([page.waitForEvent("download"), page.click('[data-action="save-csv"]')]);
  assert.match(readFileSync(await saved.path(), "utf8"), /^metric,group,runs,n,/);
});

flow("a group is drawn with all its runs, whichever eye is open", async ({ page, go, id }) => {
  const one = await id("narrow-0");
  await go(`/p/seeds?by=group&grouped=1&draw=none&show=${one}&m=valid/accuracy`);
  assert.equal((await drawn(page, "valid/accuracy"))["series"], "1");
  await eventually("five eyes are open", async () => (await page.locator('.rail [data-run][data-open="true"]').count()) === 5);
  assert.equal(await page.inputValue('[data-action="band"]'), "t95");
  await page.click('[data-chart="valid/accuracy"] [data-action="full"]');
  await page.locator(".chart-legend li").filter({ hasText: "narrow, n = 5" }).waitFor();
  await page.keyboard.press("Escape");
  await pointAt(page.locator('[data-chart="valid/accuracy"] .u-over'), [0.95, 0.5]);
  await page.locator(".chart-tip").filter({ hasText: "4 of 5 runs" }).waitFor();
  await page.click(`[data-eye="${one}"]`);
  await eventually("the group is hidden", async () => (await page.locator('.rail [data-run][data-open="true"]').count()) === 0);
});

flow("too few seeds, NaN and missing metrics are said, and each run tells why it does not count", async ({ page, go }) => {
  await go("/p/seeds?tab=groups&judge=valid/accuracy&at=last");
  const said = async (group: string): Promise<string> => (await page.locator(verdict(group)).textContent()) ?? "";
  await page.locator(verdict("alone")).waitFor();
  assert.match(await said("alone"), /not enough seeds: 1, and 3 are needed/);
  assert.match(await said("pair"), /not enough seeds: 2, and 3 are needed/);
  const notes = (await page.locator(".verdict-notes").textContent()) ?? "";
  assert.match(notes, /deep: 2 of 6 diverged and are left out; 1 of 6 have no such metric/);
  assert.match(notes, /within wide: dropout \(0\.0, 0\.1\) differs/);
  const deep = page.locator(".table-group").filter({ has: page.locator(pick("deep")) });
  assert.match((await deep.textContent()) ?? "", /n = 3 of 6, 2 diverged/);
  await deep.locator('[data-action="unfold"]').click();
  await eventually("six members", async () => (await page.locator(".table-member").count()) === 6);
  const results = await page.locator('.table-member [data-column="summary:valid/accuracy"]').allTextContents();
  assert.equal(results.filter((text) => text === "NaN").length, 2);
  assert.equal(results.filter((text) => text === "no such metric").length, 1);
  await page.selectOption('[data-action="at"]', "step");
  await page.fill('[data-action="at-step"]', "16");
  await page.keyboard.press("Enter");
  await page.locator(".verdict-notes").filter({ hasText: "narrow: 1 of 5 have not come to the step" }).waitFor();
});

flow("the table has a row a group, which is picked and unfolded by keys", async ({ page, go }) => {
  await go("/p/seeds?tab=table&by=group&sort=summary:valid/accuracy");
  await page.locator(".table-group").first().waitFor();
  const names = await page.locator('.table-group [data-action="pick"]').allTextContents();
  assert.deepEqual(names, ["deep", "pair", "alone", "wide", "narrow"], "by their means");
  const wide = page.locator(".table-group").filter({ has: page.locator(pick("wide")) });
  assert.match((await wide.locator('[data-column="summary:valid/accuracy"]').textContent()) ?? "", /91\.92 ± 0\.38 %/);
  await wide.locator('[data-action="unfold"]').focus();
  await page.keyboard.press("Enter");
  await eventually("five members", async () => (await page.locator(".table-member").count()) === 5);
  await page.locator(pick("wide")).focus();
  await page.keyboard.press("Enter");
  await eventually("picked", async () => (await page.getAttribute(pick("wide"), "aria-pressed")) === "true");
  await page.selectOption('.rail [data-action="group-by"]', "");
  await eventually("rows of runs", async () => (await page.locator(".table-group").count()) === 0);
});

flow("groups follow the search and any setting, and what a search leaves out is told", async ({ page, go }) => {
  await go("/p/seeds?tab=groups&pick=narrow&pick=wide");
  await page.locator(verdict("wide")).waitFor();
  await page.fill('[data-action="search"]', "group = narrow or group = deep");
  await page.locator('[data-notice="warning"]').filter({ hasText: "no run found is of the group wide" }).waitFor();
  await page.fill('[data-action="search"]', "");
  await page.selectOption('[data-action="groups-by"]', "config:width");
  await page.locator(verdict("64")).filter({ hasText: "width=64 is better than width=32" }).waitFor();
  assert.deepEqual(await faults(page), []);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await faults(page), []);
});

flow("the runs of a comparison are judged in their groups, too", async ({ page, go, id }) => {
  const names = ["wide", "narrow"].flatMap((group) => [0, 1, 2].map((seed) => `${group}-${seed}`));
  const runs = await Promise.all(names.map(id));
  await go(`/c?${runs.map((run) => `run=${run}`).join("&")}&tab=groups`);
  await page.locator(verdict("narrow")).filter({ hasText: "narrow is worse than wide by 0.47 pp" }).waitFor();
  assert.equal(await page.locator('[data-metric="valid/accuracy"] [data-group="wide"]').count(), 1);
  assert.deepEqual(await faults(page), []);
});
