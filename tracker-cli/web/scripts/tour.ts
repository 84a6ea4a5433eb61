/** The pictures of what the page can do, each with the way to it. */
import type { Page } from "playwright-core";
import type { Place } from "./screenshots.ts";

interface Stop {
  name: string;
  scheme: "light" | "dark";
  take(page: Page, place: Place): Promise<void>;
}

const DRAWN = '[data-chart][data-state="drawn"]';

function address(path: string, choices: readonly (readonly [string, string])[]): string {
  return `${path}?${new URLSearchParams(choices as [string, string][]).toString()}`;
}

export const TOUR: readonly Stop[] = [
  {
    name: "view",
    scheme: "light",
    take: async (page, { open }) => {
      await open(
        page,
        address("/p/sweep", [
          ["q", "state = finished"],
          ["draw", "first"],
          ["by", "group"],
          ["grouped", "1"],
          ["band", "t95"],
          ["pin", "c:1"],
          ["pin", "m:valid/accuracy"],
          ["chart", "of=c:1&name=Loss and accuracy&m=train/loss&mr=train/accuracy&size=2x0"],
        ]),
      );
      await page.locator(DRAWN).first().waitFor();
    },
  },
  {
    name: "step",
    scheme: "dark",
    take: async (page, { open, id }) => {
      await open(
        page,
        address("/p/steps", [
          ["draw", "none"],
          ["show", id("even")],
          ["show", id("spiky")],
          ["step", "5000"],
          ["told", "1"],
        ]),
      );
      await page.locator(DRAWN).first().waitFor();
      await page.locator('[data-step-panel][data-ready="true"]').waitFor();
    },
  },
  {
    name: "groups",
    scheme: "light",
    take: async (page, { open }) => {
      await open(page, "/p/seeds?tab=groups&pick=narrow&pick=wide");
      await page.locator("[data-verdict]").first().waitFor();
    },
  },
  {
    name: "media",
    scheme: "light",
    take: async (page, { open, id }) => {
      await open(page, `/c?run=${id("even")}&run=${id("spiky")}&tab=media&step=5000`);
      await page.locator('[data-input="media-name"]').selectOption("samples");
      await page.locator("[data-side] img").first().waitFor();
    },
  },
  {
    name: "layers",
    scheme: "dark",
    take: async (page, { open, id }) => {
      await open(page, `/r/${id("deep")}?tab=layers`);
      await page.locator('[data-map][data-state="drawn"]').first().waitFor();
    },
  },
  {
    name: "study",
    scheme: "light",
    take: async (page, { open }) => {
      await page.setViewportSize({ width: page.viewportSize()?.width ?? 1280, height: 1170 });
      await open(page, "/p/studies/s/digits?across=lr&up=hidden&hue=lr");
      await page.locator('[data-contour]:not([data-contour="none"])').waitFor();
    },
  },
  {
    name: "study-front",
    scheme: "dark",
    take: async (page, { open }) => {
      await open(page, "/p/studies/s/size-or-speed");
      await page.locator('[data-contour]:not([data-contour="none"])').waitFor();
    },
  },
  {
    name: "report",
    scheme: "light",
    take: async (page, { open, report }) => {
      const notes = ["--title", "Which learning rate?", "--chart", "train/loss", "--chart", "train/accuracy"];
      await open(page, report([...notes, "lr0.001-seed0", "lr0.003-seed0", "lr0.01-seed0", "lr0.03-seed0"]));
      await page.locator(DRAWN).first().waitFor();
      await page.emulateMedia({ media: "print", colorScheme: "light" });
    },
  },
];
