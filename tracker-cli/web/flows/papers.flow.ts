import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Download, Page } from "playwright-core";
import { faults, faultsOfDialog } from "./access.ts";
import { counted } from "./clicks.ts";
import { drawn, eventually, flow } from "./harness.ts";
import { clickAt, dragAcross, pointAt } from "./pointer.ts";

async function saved(page: Page, action: () => Promise<void>): Promise<{ download: Download; path: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), action()]);
  return { download, path: await download.path() };
}

const menu = (chart: string): string => `[data-chart="${chart}"] [data-action="menu"]`;
const item = (chart: string, action: string): string => `[data-chart="${chart}"] [data-action="${action}"]`;

flow("a chart is an SVG of real vectors in two clicks", async ({ page, go }) => {
  await go("/p/sweep?m=train/loss");
  await drawn(page, "train/loss");
  const { click, clicks } = counted(page);
  await click(menu("train/loss"));
  const { download, path } = await saved(page, () => click(item("train/loss", "svg")));
  assert.equal(clicks(), 2);
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
  const { click, clicks } = counted(page);
  await click(menu("train/loss"));
  const { path } = await saved(page, () => click(item("train/loss", "pdf")));
  assert.equal(clicks(), 2);
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
  assert.deepEqual(await faultsOfDialog(page), []);
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

flow("thirty charts of gradients are one map: its values are read, a layer's curve is one click away", async ({ page, go, write, id }) => {
  await write(["layers", "deep", "30", "500"]);
  await go(`/r/${await id("deep")}`);
  const { click, clicks } = counted(page);
  await click('[data-tab="layers"]');
  assert.equal(clicks(), 1, "weights over time, layers × steps");
  const map = page.locator('[data-map="parameters/*/norm"]');
  await map.scrollIntoViewIfNeeded();
  await page.locator('[data-map="parameters/*/norm"][data-state="drawn"]').waitFor();
  const gradients = page.locator('[data-map="gradients/*/norm"]');
  await gradients.scrollIntoViewIfNeeded();
  await page.locator('[data-map="gradients/*/norm"][data-state="drawn"]').waitFor();
  assert.equal(await page.locator('[data-section="gradients"] [data-chart]').count(), 0, "single charts are folded");
  assert.equal(await gradients.locator(".color-legend").getAttribute("data-log"), "true");
  await gradients.locator(".color-broken").waitFor();
  const names = await gradients.locator(".layer-names div").evaluateAll((all) => all.map((each) => each.getAttribute("title")));
  assert.deepEqual([names[0], names[1], names[29]], ["stem.weight", "blocks.0.weight", "head.weight"], "the order of the model");
  const canvas = gradients.locator("canvas").first();
  const row = 1 / 30;
  await pointAt(canvas, [0.5, row * 1.5]);
  await eventually("a value", async () =>
    /^step 2\d\d · blocks\.0\.weight · 0\.\d+|^steps? \d+.* · blocks\.0\.weight · /.test(
      (await gradients.locator('[data-text="map-place"]').textContent()) ?? "",
    ),
  );
  await pointAt(canvas, [0.99, row * 29.5]);
  await eventually("NaN is told", async () => /NaN/.test((await gradients.locator('[data-text="map-place"]').textContent()) ?? ""));
  await clickAt(canvas, [0.5, row * 29.5]);
  await drawn(page, "gradients/head.weight/norm");
  await dragAcross(page, canvas, [0.2, row * 3], [0.4, row * 3]);
  await eventually("its curve is zoomed with the map", async () => Number((await drawn(page, "gradients/head.weight/norm"))["xMax"]) < 300);
  assert.match(page.url(), /zoom/);
  assert.deepEqual(await faults(page), []);
  await gradients.locator('[data-action="map-reset"]').click();
  await gradients.locator('[data-action="map-layer"]').selectOption("gradients/stem.weight/norm");
  await drawn(page, "gradients/stem.weight/norm");
  await page.locator('[data-section="gradients"] [data-action="single-charts"]').click();
  await eventually(
    "single charts",
    async () => (await page.locator('[data-section="gradients"] .layer-singles [data-chart]').count()) === 24,
  );
});

flow("a map of a project is of one run, which can be another", async ({ page, go, write }) => {
  await write(["layers", "one", "4", "50"]);
  await write(["layers", "two", "6", "50"]);
  await go("/p/layered?m=updates");
  await page.locator('[data-map="updates/*/ratio"][data-state="drawn"]').waitFor();
  assert.equal(await page.locator("[data-map]").getAttribute("data-layers"), "6");
  await page.selectOption('[data-action="map-run"]', { label: "one" });
  await page.locator('[data-map="updates/*/ratio"][data-state="drawn"]').waitFor();
  assert.deepEqual(await faults(page), []);
});

flow("histograms are read as a heat map with a scale and as ridges", async ({ page, go, write, id }) => {
  await write(["layers", "deep", "4", "50"]);
  await page.emulateMedia({ colorScheme: "dark" });
  await go(`/r/${await id("deep")}?tab=layers`);
  const picture = page.locator("[data-histogram]");
  await picture.scrollIntoViewIfNeeded();
  await picture.locator(".color-legend").waitFor();
  await picture.locator("canvas").first().hover();
  await eventually("a count", async () =>
    /^step \d+ · .* of /.test((await page.locator('[data-text="histogram-place"]').textContent()) ?? ""),
  );
  await page.click('[data-action="histogram-r"]');
  await page.locator('[data-histogram="ridges"] svg').waitFor();
  assert.equal(await page.locator(".ridge").count(), 24);
  await page.locator(".ridge path").last().hover();
  await eventually("its count", async () =>
    /^step \d+ · .* of /.test((await page.locator('[data-text="histogram-place"]').textContent()) ?? ""),
  );
  assert.deepEqual(await faults(page), []);
});

flow("words and charts are one document after three clicks at most, which opens alone and prints whole", async ({ page, store, go }) => {
  await go("/p/sweep?q=seed+%3D+0");
  await drawn(page, "train/loss");
  const { click, clicks } = counted(page);
  await click('[data-action="report"]');
  await page.locator('[data-dialog="report"]').waitFor();
  await page.fill('[data-input="report-title"]', "Wider <b>is</b> better");
  await page.fill('[data-input="report-notes"]', "Four learning rates.\n\n<script>alert(1)</script> The last one wins.");
  await click('[data-report-chart="spike"]');
  const { path, download } = await saved(page, () => click('[data-action="save-report"]'));
  assert.equal(clicks(), 3);
  assert.match(download.suggestedFilename(), /^Wider-.*\.html$/);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const file = join(store, "report.html");
  copyFileSync(path, file);
  await page.goto(`file://${file}`);
  await page.locator('[data-page="document"] h1', { hasText: "Wider <b>is</b> better" }).waitFor();
  assert.match(
    (await page.locator(".document .markdown p").last().textContent()) ?? "",
    /<script>alert\(1\)<\/script> The last one wins\./,
  );
  await drawn(page, "spike");
  assert.deepEqual(await faults(page), []);
  assert.deepEqual(
    asked.filter((url) => !url.startsWith("file:") && !url.startsWith("data:")),
    [],
  );
  const printed = join(store, "report.pdf");
  await page.pdf({ path: printed, format: "A4" });
  const text = execFileSync("pdftotext", ["-layout", printed, "-"], { encoding: "utf8" });
  for (const wanted of ["Wider <b>is</b> better", "The last one wins.", "spike", "lr0.03-seed0"])
    assert.ok(text.includes(wanted), `${wanted} in ${text}`);
  const pages = Number(/Pages: +(\d+)/.exec(execFileSync("pdfinfo", [printed], { encoding: "utf8" }))?.[1]);
  assert.ok(pages >= 1 && pages <= 4, `${pages} pages`);
  await page.click('[data-action="all"]');
  await page.locator('[data-page="compare"]').waitFor();
});

flow("paper shows the sections that a screen has folded", async ({ page, store, report }) => {
  const file = join(store, "report.html");
  await report(["-o", file, "lr0.001-seed0"]);
  await page.goto(`file://${file}`);
  await drawn(page, "train/loss");
  await page.locator('[data-section="metrics"] .section-head').click();
  assert.equal(await page.locator('[data-chart="throughput"]').count(), 0);
  const printed = join(store, "folded.pdf");
  await page.pdf({ path: printed, format: "A4" });
  const text = execFileSync("pdftotext", ["-layout", printed, "-"], { encoding: "utf8" });
  for (const title of ["Loss", "Accuracy", "throughput"]) assert.ok(text.includes(title), `${title} in ${text}`);
  assert.equal(await page.locator('[data-chart="throughput"]').count(), 0, "folded again on the screen");
});

flow("a run that trains tells its speed, its end and its curves, on home and on its own page", async ({ page, go, train }) => {
  // A mark that breathes has less contrast for a moment.
  await page.emulateMedia({ reducedMotion: "reduce" });
  const { id } = await train("eager");
  await go("/");
  const card = page.locator(`[data-running="${id}"]`);
  await card.waitFor();
  await eventually("a speed and an end", async () =>
    /of 1000000 steps, .* steps\/s, about .* left/.test(
      (await card
        .locator('[data-text="live"]')
        .textContent({ timeout: 1000 })
        .catch(() => "")) ?? "",
    ),
  );
  await card.locator('[data-spark="train/loss"]').waitFor();
  assert.deepEqual(await faults(page), []);
  await go(`/r/${id}`);
  await page.locator('.run-head [data-text="live"]').waitFor();
  await page.locator('[aria-label="Key curves"] [data-spark="train/loss"]').waitFor();
  assert.deepEqual(await faults(page), []);
});

flow("what the machine did is one click away", async ({ page, go, id }) => {
  await go(`/r/${await id("lr0.01-seed0")}`);
  const { click, clicks } = counted(page);
  await click('[data-tab="system"]');
  await drawn(page, "system/cpu");
  await drawn(page, "system/memory");
  assert.equal(clicks(), 1, "CPU, GPU, memory");
});
