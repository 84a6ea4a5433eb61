/** Counts the clicks that a task of somebody's day takes. */
import type { Page } from "playwright-core";

export interface Counted {
  click(selector: string): Promise<void>;
  clicks(): number;
}

export function counted(page: Page): Counted {
  let clicks = 0;
  return {
    click: async (selector) => {
      clicks += 1;
      await page.locator(selector).first().click();
    },
    clicks: () => clicks,
  };
}
