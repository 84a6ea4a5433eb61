/** Where the pointer goes: to a place within an element, where that lies at this moment. */
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";

/** Shares of an element's width and height. */
export type Share = readonly [across: number, down: number];

/**
 * Moves the pointer to a place of an element once the element is on the screen, moves no more and lies above all others there.
 * A place that was measured before is none: a chart that has come since, or a look at another one, has moved the page.
 */
export async function pointAt(target: Locator, share: Share): Promise<void> {
  await target.hover({ position: await withinOf(target, share) });
}

/** Clicks at a place of an element. */
export async function clickAt(target: Locator, share: Share): Promise<void> {
  await target.click({ position: await withinOf(target, share) });
}

/** Drags from one place of an element to another. */
export async function dragAcross(page: Page, target: Locator, from: Share, to: Share): Promise<void> {
  await pointAt(target, from);
  await page.mouse.down();
  const box = await target.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * to[0], box.y + box.height * to[1], { steps: 5 });
  await page.mouse.up();
}

async function withinOf(target: Locator, [across, down]: Share): Promise<{ x: number; y: number }> {
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  assert.ok(box);
  return { x: box.width * across, y: box.height * down };
}
