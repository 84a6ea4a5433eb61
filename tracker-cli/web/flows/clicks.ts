/** Counts the clicks that a task of somebody's day takes (docs/tasks.md). */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";

type ClickOptions = NonNullable<Parameters<Page["click"]>[1]>;

export interface Counted {
  click(selector: string, options?: ClickOptions): Promise<void>;
  /** Clicks a place of the screen. */
  at(x: number, y: number): Promise<void>;
  /** Drags something to a place within something else: shares of its width and height. */
  drag(from: string, to: string, place: [number, number]): Promise<void>;
  /** How many it took, a drag as one. */
  clicks(): number;
  /** How many it took since the last time. */
  taken(): number;
}

export function counted(page: Page): Counted {
  let [all, told] = [0, 0];
  return {
    click: async (selector, options) => {
      all += 1;
      await page.locator(selector).first().click(options);
    },
    at: async (x, y) => {
      all += 1;
      await page.mouse.click(x, y);
    },
    drag: async (from, to, [across, down]) => {
      all += 1;
      const target = await page.locator(to).boundingBox();
      const start = await page.locator(from).boundingBox();
      assert.ok(target && start);
      await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
      await page.mouse.down();
      await page.mouse.move(target.x + target.width * across, target.y + target.height * down, { steps: 6 });
      await page.mouse.up();
    },
    clicks: () => all,
    taken: () => {
      const taken = all - told;
      told = all;
      return taken;
    },
  };
}
