/** What a page lacks for people who read it by ear, by keyboard or with weak eyes. */
import axe from "axe-core";
import type { Page } from "playwright-core";

const CONTROLS = new Set([
  "button",
  "link",
  "textbox",
  "searchbox",
  "combobox",
  "checkbox",
  "slider",
  "tab",
  "option",
  "img",
  "dialog",
  "listbox",
  "table",
]);

interface Node {
  ignored?: boolean;
  role?: { value?: string };
  name?: { value?: string };
  properties?: { name: string; value: { value?: unknown } }[];
}

/**
 * Everything that is wrong, each as a sentence: what axe-core finds by all its rules, and what it has no rule for or
 * leaves undecided.
 */
export async function faults(page: Page): Promise<string[]> {
  // The compiler of the flows wraps every function in a call of __name, which the page has not got.
  await page.evaluate("globalThis.__name = (made) => made");
  const own = [...(await treeFaults(page)), ...(await page.evaluate(contrastFaults)), ...(await page.evaluate(unreachable))];
  return [...(await axeFaults(page)), ...own];
}

/** The same where a dialog is open: behind it, the page with its headings and landmarks is not there. */
export async function faultsOfDialog(page: Page): Promise<string[]> {
  return (await faults(page)).filter((fault) => !/heading|landmark|region/.test(fault));
}

/** What axe-core finds. It stands in the page for the length of the look alone, and is no part of the bundle. */
async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(`${axe.source}; undefined`);
  const { violations, passes } = await page.evaluate(async () => {
    const { axe: there } = globalThis as unknown as { axe: typeof axe };
    const found = await there.run(document, { resultTypes: ["violations", "passes"] });
    return {
      passes: found.passes.length,
      violations: found.violations.map(({ id, help, nodes }) => ({
        id,
        help,
        nodes: nodes.map(({ html, failureSummary = "" }) => `${html.slice(0, 200)}: ${failureSummary.replace(/\s+/g, " ")}`),
      })),
    };
  });
  if (passes === 0) return ["axe-core has looked at nothing"];
  return violations.map(({ id, help, nodes }) => `${id}: ${help}, ${nodes.length} times, first ${nodes[0]}`);
}

/** Controls without a name, of more kinds than axe-core asks of, and other than one heading of the whole page. */
async function treeFaults(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send("Accessibility.getFullAXTree")) as unknown as { nodes: Node[] };
  await session.detach();
  const seen = nodes.filter((node) => !node.ignored);
  const role = (node: Node): string => node.role?.value ?? "";
  const wrong = seen
    .filter((node) => CONTROLS.has(role(node)) && (node.name?.value ?? "").trim() === "" && role(node) !== "table")
    .map((node) => `a ${role(node)} has no name`);
  const level = (node: Node): unknown => node.properties?.find(({ name }) => name === "level")?.value.value;
  const first = seen.filter((node) => role(node) === "heading" && Number(level(node)) === 1).length;
  if (first !== 1) wrong.push(`there are ${first} headings of level 1`);
  return wrong;
}

/** Text of less than 4.5:1 to what lies behind it, also where axe-core cannot tell or asks for less. Runs in the page, so it brings all that it needs. */
function contrastFaults(): string[] {
  const parts = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = color
      .slice(0, 3)
      .map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element | null): number[] => {
    for (let at = element; at; at = at.parentElement) {
      const ground = parts(getComputedStyle(at).backgroundColor);
      if ((ground[3] ?? 1) > 0.99) return ground;
    }
    return [255, 255, 255];
  };
  const wrong = new Set<string>();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    if (
      !element ||
      (text.textContent ?? "").trim() === "" ||
      element.closest("svg, noscript, .visually-hidden, option") ||
      element.getClientRects().length === 0
    )
      continue;
    const style = getComputedStyle(element);
    const [low = 0, high = 0] = [luminance(parts(style.color)), luminance(behind(element))].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    let opacity = 1;
    for (let at: Element | null = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    if (ratio < 4.5 || opacity < 0.99)
      wrong.add(`“${(text.textContent ?? "").trim().slice(0, 30)}” has ${ratio.toFixed(2)}:1 at opacity ${opacity}`);
  }
  return [...wrong];
}

/** Controls that the Tab key never comes to: neither by themselves nor as one of a list, of tabs or of choices. */
function unreachable(): string[] {
  const controls = [...document.querySelectorAll<HTMLElement>("button, a[href], input, select, textarea, summary")];
  const lost = controls.filter(
    (control) => control.tabIndex < 0 && control.getClientRects().length > 0 && !control.closest("[data-key], [role=tablist]"),
  );
  return lost.map((control) => `Tab never comes to “${(control.textContent ?? "").trim().slice(0, 30)}”`);
}
