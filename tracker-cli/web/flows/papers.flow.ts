import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Download, Page } from "playwright-core";
import { faults } from "./access.ts";
import { drawn, eventually, flow } from "./harness.ts";

/** A click of a task's count: by the end of a flow they are no more than the task may take. */
function clicker(page: Page): { click(selector: string): Promise<void>; count(): number } {
  let clicks = 0;
  return {
    click: async (selector) => {
      clicks += 1;
      await page.locator(selector).first().click();
    },
    count: () => clicks,
  };
}

async function saved(page: Page, action: () => Promise<void>): Promise<{ download: Download; path: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), action()]);
  return { download, path: await download.path() };
}

const menu = (chart: string): string => `[data-chart="${chart}"] [data-action="menu"]`;
const item = (chart: string, action: string): string => `[data-chart="${chart}"] [data-action="${action}"]`;

flow("a chart is an SVG of real vectors in two clicks", async ({ page, go }) => {
  await go("/p/sweep?m=train/loss");
  await drawn(page, "train/loss");
  const { click, count } = clicker(page);
  await click(menu("train/loss"));
  const { download, path } = await saved(page, () => click(item("train/loss", "svg")));
  assert.equal(count(), 2);
  assert.equal(download.suggestedFilename(), "train-loss.svg");
  const svg = readFileSync(path, "utf8");
  assert.match(svg, /width="85mm"/);
  assert.match(svg, />train\/loss</);
  assert.match(svg, />step</);
  assert.match(svg, />lr0\.03-seed2</);
  assert.doesNotMatch(svg, /<image|NaN|undefined/);
  // The browser reads it as XML, and finds lines in it.
  const parsed = await page.evaluate((text) => {
    const read = new DOMParser().parseFromString(text, "image/svg+xml");
    return { wrong: read.querySelectorAll("parsererror").length, lines: read.querySelectorAll("path[stroke]").length };
  }, svg);
  assert.equal(parsed.wrong, 0);
  assert.ok(parsed.lines >= 10, `${parsed.lines} lines`);
});

flow("a chart is a PDF in two clicks, which other programs read", async ({ page, go }) => {
  await go("/p/sweep?m=train/loss&smooth=0.6&ylog=1");
  await drawn(page, "train/loss");
  const { click, count } = clicker(page);
  await click(menu("train/loss"));
  const { path } = await saved(page, () => click(item("train/loss", "pdf")));
  assert.equal(count(), 2);
  const run = (program: string, ...args: string[]): string => execFileSync(program, args, { encoding: "utf8" });
  assert.match(run("qpdf", "--check", path), /No syntax or stream encoding errors/);
  const said = run("pdftotext", path, "-");
  for (const wanted of ["step", "lr0.03-seed0", "train/loss"]) assert.ok(said.includes(wanted), `${wanted} in ${said}`);
  assert.match(run("pdfinfo", path), /Pages: +1\n[\s\S]*Page size: +240\.94 x 170\.08 pts/);
  assert.equal(run("pdfimages", "-list", path).trim().split("\n").length, 2, "no pictures of pixels in it");
});

flow("a PNG is light on a dark page, has named axes, and enough pixels for print", async ({ page, go }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await go("/p/sweep?m=train/loss");
  await drawn(page, "train/loss");
  await page.click(menu("train/loss"));
  const { path } = await saved(page, () => page.click(item("train/loss", "png")));
  const address = `data:image/png;base64,${readFileSync(path).toString("base64")}`;
  const [width, corner] = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0);
    return [image.naturalWidth, [...(context?.getImageData(2, 2, 1, 1).data ?? [])]] as const;
  }, address);
  assert.ok(width >= 2 * 326, `${width} pixels`);
  assert.deepEqual(corner, [255, 255, 255, 255]);
});

flow("size, letters and title of pictures are chosen once, seen before, and kept", async ({ page, go }) => {
  await go("/p/sweep?m=train/loss");
  await drawn(page, "train/loss");
  await page.click(menu("train/loss"));
  await page.click(item("train/loss", "figure"));
  await page.locator('[data-dialog="figure"] img').waitFor();
  assert.deepEqual(await faults(page), []);
  await page.selectOption('[data-action="figure-preset"]', "slide");
  await page.selectOption('[data-action="figure-font"]', "serif");
  await page.check('[data-action="figure-title"]');
  await page.fill('[data-input="figure-width"]', "no");
  await page.locator('[data-input="figure-width"]').blur();
  assert.equal(await page.getAttribute('[data-input="figure-width"]', "aria-invalid"), "true");
  const { path } = await saved(page, () => page.click('[data-action="figure-svg"]'));
  const svg = readFileSync(path, "utf8");
  assert.match(svg, /width="254mm"/);
  assert.match(svg, /Times New Roman/);
  await page.keyboard.press("Escape");
  await eventually("closed", async () => (await page.locator("dialog").count()) === 0);
  await page.reload();
  await drawn(page, "train/loss");
  await page.click(menu("train/loss"));
  const again = await saved(page, () => page.click(item("train/loss", "svg")));
  assert.equal(readFileSync(again.path, "utf8"), svg);
});
