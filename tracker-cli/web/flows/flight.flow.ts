import assert from "node:assert/strict";
import { eventually, flow } from "./harness.ts";

flow("the last steps before something went wrong are a map of tensors and steps", async ({ page, go, id }) => {
  await go(`/r/${await id("rich")}?tab=media`);
  const map = page.locator('[data-gallery="flight"] [data-flight]');
  await map.locator("canvas").waitFor();
  assert.match((await map.locator("p").first().textContent()) ?? "", /`encoder\.weight` left what was usual first/);
  await map.locator("canvas").hover({ position: { x: 3, y: 3 } });
  await eventually("the place is told", async () =>
    /^step \d+ · encoder\.weight · /.test((await map.locator('[data-text="flight-place"]').textContent()) ?? ""),
  );
  const painted = await map.locator("canvas").evaluate((canvas) => {
    const element = canvas as HTMLCanvasElement;
    const pixels = element.getContext("2d")?.getImageData(0, 0, element.width, element.height).data ?? [];
    return new Set(Array.from({ length: pixels.length / 4 }, (_, at) => pixels.slice(4 * at, 4 * at + 4).join())).size;
  });
  assert.ok(painted >= 2, "what is usual and what is not have colours of their own");
  await map.locator('[data-quantity="weight"]').click();
  await eventually("the weights", async () => (await map.locator("canvas").getAttribute("aria-label"))?.startsWith("The weight") === true);
});
