/** A drawing as SVG, with its texts as texts. */
import { withoutEscapes } from "../../model/safe_text.ts";
import { short } from "./drawing.ts";
import type { Drawing, Font, Mark } from "./drawing.ts";

const FAMILIES: Record<Font, string> = { sans: "Helvetica, Arial, sans-serif", serif: "Times New Roman, Times, serif" };
const MILLIMETRES = 25.4 / 72;

export function svgOf({ width, height, font, title, marks }: Drawing): string {
  const clips = { count: 0 };
  const body = marks.map((mark) => markOf(mark, clips)).join("\n");
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${short(width * MILLIMETRES)}mm" ` +
    `height="${short(height * MILLIMETRES)}mm" viewBox="0 0 ${short(width)} ${short(height)}" font-family="${FAMILIES[font]}">\n` +
    `<title>${escaped(title)}</title>\n${body}\n</svg>\n`
  );
}

function markOf(mark: Mark, clips: { count: number }): string {
  switch (mark.kind) {
    case "line": {
      const { color, width, dash } = mark.stroke;
      const dashes = dash && dash.length > 0 ? ` stroke-dasharray="${dash.map(short).join(" ")}"` : "";
      return (
        `<path d="${mark.lines.map((line) => path(line)).join("")}" fill="none" stroke="${escaped(color)}" ` +
        `stroke-width="${short(width)}" stroke-linejoin="round"${dashes}${opacity(mark.opacity)}/>`
      );
    }
    case "area":
      return `<path d="${mark.rings.map((ring) => `${path(ring)}Z`).join("")}" fill="${escaped(mark.color)}"${opacity(mark.opacity)}/>`;
    case "text": {
      const [x, y] = [short(mark.x), short(mark.y)];
      const turned = mark.upwards ? ` transform="rotate(-90 ${x} ${y})"` : "";
      const anchor = mark.anchor === "start" ? "" : ` text-anchor="${mark.anchor}"`;
      return `<text x="${x}" y="${y}" font-size="${short(mark.size)}" fill="${escaped(mark.color)}"${anchor}${turned}>${escaped(mark.text)}</text>`;
    }
    case "clip": {
      clips.count += 1;
      const { left, top, width, height } = mark.box;
      const id = `clip${clips.count}`;
      const inner = mark.marks.map((each) => markOf(each, clips)).join("\n");
      return (
        `<clipPath id="${id}"><rect x="${short(left)}" y="${short(top)}" width="${short(width)}" height="${short(height)}"/></clipPath>\n` +
        `<g clip-path="url(#${id})">\n${inner}\n</g>`
      );
    }
  }
}

function path(corners: readonly number[]): string {
  let text = "";
  for (let at = 0; at + 1 < corners.length; at += 2)
    text += `${at === 0 ? "M" : "L"}${short(corners[at] as number)} ${short(corners[at + 1] as number)}`;
  return text;
}

function opacity(value: number | undefined): string {
  return value === undefined || value === 1 ? "" : ` opacity="${short(value)}"`;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Nothing in a name becomes markup, and what XML has no place for is left out. */
function escaped(text: string): string {
  return withoutEscapes(text)
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, "")
    .replace(/[&<>"']/g, (letter) => ENTITIES[letter] as string);
}
