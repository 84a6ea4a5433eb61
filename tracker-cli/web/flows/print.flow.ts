import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { drawn, flow } from "./harness.ts";

/** Of each chart, when a browser takes its picture, after what `beforeprint` promised and before any frame: whether it is drawn, and how many of its pixels are not empty. */
async function onPaper(page: Page, print: () => Promise<unknown>): Promise<{ metric: string; state: string; ink: number }[]> {
  // The compiler of the flows wraps every function in a call of __name, which the page has not got.
  await page.evaluate("globalThis.__name = (made) => made");
  await page.evaluate(() => {
    const picture = (): void => {
      const charts = [...document.querySelectorAll<HTMLElement>("[data-chart]")].map((chart) => {
        const canvas = chart.querySelector("canvas");
        const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        let ink = 0;
        for (let at = 3; at < pixels.length; at += 4) ink += Number(pixels[at] !== 0);
        return { metric: chart.dataset["chart"], state: chart.dataset["state"], ink };
      });
      document.body.dataset["printed"] = JSON.stringify(charts);
    };
    const kept = (promises: number): void => (promises === 0 ? picture() : queueMicrotask(() => kept(promises - 1)));
    addEventListener("beforeprint", () => kept(1000), { once: true });
  });
  await print();
  await page.locator("body[data-printed]").waitFor();
  return JSON.parse((await page.getAttribute("body", "data-printed")) ?? "[]") as { metric: string; state: string; ink: number }[];
}

flow("a report is printed with all its charts, also those that nobody scrolled to", async ({ page, store, report }) => {
  const file = join(store, "report.html");
  await report(["-o", file, "lr0.001-seed0", "lr0.03-seed2"]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`file://${file}`);
  await page.locator('[data-chart][data-state="drawn"]').first().waitFor();
  const unseen = await page.locator('[data-chart]:not([data-state="drawn"])').count();
  assert.ok(unseen > 0, "some charts are far from the screen");
  const printed = await onPaper(page, () => page.pdf({ path: join(store, "report.pdf"), format: "A4" }));
  assert.equal(printed.length, 12);
  for (const { metric, state, ink } of printed) assert.ok(state === "drawn" && ink > 1000, `${metric} is ${state} with ${ink} pixels`);
  assert.equal(await page.evaluate(() => document.documentElement.dataset["theme"]), "dark", "the screen is dark again");
});

flow("the keys for the printer fetch the charts of a page that a server answers", async ({ page, go }) => {
  await go("/p/sweep");
  await drawn(page, "valid/loss");
  await page.evaluate(() => {
    window.print = () => {
      dispatchEvent(new Event("beforeprint"));
      dispatchEvent(new Event("afterprint"));
    };
  });
  const printed = await onPaper(page, () => page.keyboard.press("Control+p"));
  for (const { metric, state, ink } of printed) assert.ok(state === "drawn" && ink > 1000, `${metric} is ${state} with ${ink} pixels`);
});
