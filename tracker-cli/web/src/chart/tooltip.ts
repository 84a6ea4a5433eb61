/**
 * The one tooltip of all charts. It is built by hand, because it changes with every move of the pointer.
 * Names are text nodes: a run may be called anything.
 */
import { formatNumber } from "../model/format.ts";
import { formatX } from "../model/x_axis.ts";
import { signed } from "../model/delta.ts";
import type { Nearby, Row } from "./nearby.ts";
import { rowsAround } from "./nearby.ts";

const MOST_ROWS = 15;
const GAP = 16;

let box: HTMLElement | null = null;

/** It belongs to what the page is about, and goes with it when the page changes. */
function tooltipBox(): HTMLElement {
  box ??= element("div", "chart-tip");
  if (!box.isConnected) (document.querySelector("main") ?? document.body).append(box);
  return box;
}

/** What a tooltip says besides the values. */
export interface Besides {
  words: readonly string[];
  /** The run by which the others are measured. */
  baseline: string | undefined;
}

/** Shows what is near the pointer, with positions on this x axis; `at` is its place on the page. */
export function showTooltip(nearby: Nearby, axis: string, position: number, at: { left: number; top: number }, besides: Besides): void {
  if (nearby.rows.length + besides.words.length === 0) return hideTooltip();
  const { shown, above, below } = rowsAround(nearby, MOST_ROWS);
  const tip = tooltipBox();
  const head = formatX(axis, headPosition(nearby, position));
  tip.replaceChildren(
    element("div", "chart-tip-head", head),
    ...more(above),
    ...shown.map((row) => rowElement(row, row === nearby.nearest, axis, head, differenceOf(row, nearby.rows, besides.baseline))),
    ...more(below),
    ...besides.words.map((words) => element("div", "chart-tip-word", words)),
  );
  tip.hidden = false;
  place(tip, at);
}

/** Shows lines of text, the first as what they are about. */
export function showWords([head = "", ...rest]: readonly string[], at: { left: number; top: number }): void {
  const tip = tooltipBox();
  tip.replaceChildren(element("b", "", head), ...rest.map((line) => element("div", "chart-tip-row", line)));
  tip.hidden = false;
  place(tip, at);
}

export function hideTooltip(): void {
  if (box) box.hidden = true;
}

/** The position of a logged point says more than that of the pointer, where there is one for all rows. */
function headPosition({ nearest, rows }: Nearby, position: number): number {
  const shared = rows.every(({ x }) => x === rows[0]?.x) ? rows[0] : undefined;
  return (nearest ?? shared)?.x ?? position;
}

function more(count: number): HTMLElement[] {
  return count > 0 ? [element("div", "chart-tip-more", `+${count} more`)] : [];
}

/** Runs log at different positions: a row says its own where it is not that of the head. */
function rowElement({ curve, x, value, group }: Row, nearest: boolean, axis: string, head: string, difference: string): HTMLElement {
  const position = formatX(axis, x);
  const row = element("div", nearest ? "chart-tip-row nearest" : "chart-tip-row");
  const dot = element("i", "chart-dot");
  dot.style.background = curve.color;
  dot.dataset["dash"] = String(curve.dash);
  row.append(
    dot,
    element("span", "chart-tip-name", curve.short ?? curve.label),
    element("b", "chart-tip-value", formatNumber(value, curve.unit)),
    ...(group ? [element("span", "chart-tip-x", tellGroup(group, curve))] : []),
    ...(difference === "" ? [] : [element("span", "chart-tip-x", difference)]),
    ...(position === head ? [] : [element("span", "chart-tip-x", position)]),
  );
  return row;
}

/** The ends of the band, and how many of its runs a group has here where these are not all. */
export function tellGroup({ runs, low, high }: NonNullable<Row["group"]>, { runs: all, unit }: Row["curve"]): string {
  const number = (value: number): string => formatNumber(value, unit);
  const band =
    Number.isFinite(low) && Number.isFinite(high) && low !== high ? [`[${number(low as number)}, ${number(high as number)}]`] : [];
  return [...band, ...(runs < all.length ? [`${runs} of ${all.length} runs`] : [])].join(" ");
}

/** How far the value is from the baseline's, of the same line of the chart. */
function differenceOf({ curve, value }: Row, rows: readonly Row[], baseline: string | undefined): string {
  if (baseline === undefined || curve.runs.includes(baseline)) return "";
  const base = rows.find((other) => other.curve.runs.includes(baseline) && (other.curve.line ?? 0) === (curve.line ?? 0));
  const difference = base ? value - base.value : NaN;
  return Number.isFinite(difference) ? signed(difference, curve.unit) : "";
}

function element(tag: string, name: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

/** Beside the pointer, on the side with room, inside the window. */
function place(tip: HTMLElement, { left, top }: { left: number; top: number }): void {
  const { offsetWidth: width, offsetHeight: height } = tip;
  const right = left + GAP + width <= window.innerWidth;
  const x = right ? left + GAP : Math.max(4, left - GAP - width);
  const y = Math.max(4, Math.min(top + GAP, window.innerHeight - height - 4));
  tip.style.transform = `translate(${x}px, ${y}px)`;
}
