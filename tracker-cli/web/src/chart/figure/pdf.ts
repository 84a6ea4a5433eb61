/**
 * A drawing as PDF: one page of vectors, with texts in Helvetica or Times, which every reader has. What these fonts
 * have no letter for is told.
 */
import { withoutEscapes } from "../../model/safe_text.ts";
import { short } from "./drawing.ts";
import type { Drawing, Font, Mark } from "./drawing.ts";
import { widthOf, winAnsi } from "./letters.ts";

const NAMES: Record<Font, string> = { sans: "Helvetica", serif: "Times-Roman" };

export interface Pdf {
  bytes: Uint8Array<ArrayBuffer>;
  /** The letters for which a question mark stands. */
  lost: string[];
}

/** What writing a page gathers. */
interface Written {
  font: Font;
  opacities: Map<number, string>;
  lost: Set<string>;
}

export function pdfOf(drawing: Drawing): Pdf {
  const { width, height, font, marks } = drawing;
  const written: Written = { font, opacities: new Map(), lost: new Set() };
  // A page's y grows upwards from its foot.
  const content = `1 0 0 -1 0 ${short(height)} cm 1 j\n${marks.map((mark) => markOf(mark, written)).join("\n")}\n`;
  const states = [...written.opacities].map(([value, name]) => `/${name} << /CA ${short(value)} /ca ${short(value)} >>`);
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${short(width)} ${short(height)}] /Contents 4 0 R ` +
      `/Resources << /Font << /F 5 0 R >> /ExtGState << ${states.join(" ")} >> >> >>`,
    `<< /Length ${content.length} >>\nstream\n${content}endstream`,
    `<< /Type /Font /Subtype /Type1 /BaseFont /${NAMES[font]} /Encoding /WinAnsiEncoding >>`,
    `<< /Title <${utf16(withoutEscapes(drawing.title))}> /Producer (tracker) >>`,
  ];
  return { bytes: fileOf(objects), lost: [...written.lost] };
}

/** Each letter of the file's text is one byte of it. */
function fileOf(objects: readonly string[]): Uint8Array<ArrayBuffer> {
  // The comment of high bytes says that the file is no plain text.
  let file = "%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n";
  const places = objects.map((object, at) => {
    const place = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = file.length;
  const rows = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Uint8Array.from(file, (letter) => letter.charCodeAt(0));
}

function markOf(mark: Mark, written: Written): string {
  switch (mark.kind) {
    case "line": {
      const { color, width, dash = [] } = mark.stroke;
      const lines = mark.lines.map((line) => path(line)).join(" ");
      return faded(mark.opacity, written, `${rgb(color)} RG ${short(width)} w [${dash.map(short).join(" ")}] 0 d ${lines} S`);
    }
    case "area":
      return faded(mark.opacity, written, `${rgb(mark.color)} rg ${mark.rings.map((ring) => `${path(ring)} h`).join(" ")} f`);
    case "text":
      return textOf(mark, written);
    case "clip": {
      const { left, top, width, height } = mark.box;
      const inner = mark.marks.map((each) => markOf(each, written)).join("\n");
      return `q ${[left, top, width, height].map(short).join(" ")} re W n\n${inner}\nQ`;
    }
  }
}

function textOf({ x, y, text, size, color, anchor, upwards }: Extract<Mark, { kind: "text" }>, written: Written): string {
  const { bytes, lost } = winAnsi(withoutEscapes(text));
  for (const letter of lost) written.lost.add(letter);
  const letters = String.fromCharCode(...bytes);
  const back = anchor === "start" ? 0 : widthOf(letters, size, written.font) * (anchor === "end" ? -1 : -0.5);
  // The matrix turns y back, so that letters stand upright.
  const place = upwards ? `0 -1 -1 0 ${short(x)} ${short(y - back)} Tm` : `1 0 0 -1 ${short(x + back)} ${short(y)} Tm`;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `BT /F ${short(size)} Tf ${rgb(color)} rg ${place} <${hex}> Tj ET`;
}

function path(corners: readonly number[]): string {
  const steps: string[] = [];
  for (let at = 0; at + 1 < corners.length; at += 2)
    steps.push(`${short(corners[at] as number)} ${short(corners[at + 1] as number)} ${at === 0 ? "m" : "l"}`);
  return steps.join(" ");
}

function faded(opacity: number | undefined, { opacities }: Written, drawn: string): string {
  if (opacity === undefined || opacity === 1) return drawn;
  if (!opacities.has(opacity)) opacities.set(opacity, `G${opacities.size}`);
  return `q /${opacities.get(opacity)} gs ${drawn} Q`;
}

/** Red, green and blue from 0 to 1, of a colour as `#rrggbb`; any other is black. */
function rgb(color: string): string {
  const parts = /^#(..)(..)(..)$/.exec(color)?.slice(1) ?? ["0", "0", "0"];
  return parts.map((part) => String(Math.round((parseInt(part, 16) / 255) * 1000) / 1000)).join(" ");
}

/** A text of the document's own data, in which every letter has a place. */
function utf16(text: string): string {
  let hex = "feff";
  for (let at = 0; at < text.length; at += 1) hex += text.charCodeAt(at).toString(16).padStart(4, "0");
  return hex;
}
