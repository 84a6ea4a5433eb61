/** The letters of a PDF's own fonts: how wide they are, and which there are. */
import type { Font } from "./drawing.ts";

/** Thousandths of the font's size, from the space to the tilde. */
const WIDTHS: Record<Font, readonly number[]> = {
  sans: numbers(
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 " +
      "1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 " +
      "333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584",
  ),
  serif: numbers(
    "250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 500 278 278 564 564 564 444 " +
      "921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944 722 722 611 333 278 333 469 500 " +
      "333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 278 500 500 722 500 500 444 480 200 480 541",
  ),
};

function numbers(text: string): number[] {
  return text.split(" ").map(Number);
}

/** Of a letter that the table leaves out, such as one with an accent. */
const OTHER: Record<Font, number> = { sans: 556, serif: 500 };

/** How long a text is; a little off where it has letters beyond ASCII. */
export function widthOf(text: string, size: number, font: Font): number {
  let thousandths = 0;
  for (const letter of text) thousandths += WIDTHS[font][(letter.codePointAt(0) ?? 0) - 32] ?? OTHER[font];
  return (thousandths * size) / 1000;
}

/** The text, cut with an ellipsis where it is longer than there is room. */
export function fitted(text: string, room: number, size: number, font: Font): string {
  if (widthOf(text, size, font) <= room) return text;
  let [kept, left] = ["", room - widthOf("…", size, font)];
  for (const letter of text) {
    left -= widthOf(letter, size, font);
    if (left < 0) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
}

/** What WinAnsi has between 0x80 and 0x9f; the rest of it is Latin-1. */
const WINDOWS = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";

/** Letters that are read as well by other ones. */
const INSTEAD: Record<string, string> = {
  "∞": "inf",
  "≤": "<=",
  "≥": ">=",
  "≠": "!=",
  "≈": "~",
  "→": "->",
  "←": "<-",
  "−": "-",
  "√": "sqrt",
  α: "alpha",
  β: "beta",
  γ: "gamma",
  δ: "delta",
  ε: "epsilon",
  η: "eta",
  θ: "theta",
  λ: "lambda",
  μ: "µ",
  π: "pi",
  ρ: "rho",
  σ: "sigma",
  τ: "tau",
  φ: "phi",
  ω: "omega",
  Δ: "Delta",
  Σ: "Sigma",
  "\u2009": " ",
  "\u202f": " ",
};

/** A text as bytes of WinAnsi, and the letters that it has not got, for which a question mark stands. */
export function winAnsi(text: string): { bytes: number[]; lost: string[] } {
  const bytes: number[] = [];
  const lost: string[] = [];
  for (const letter of text.normalize("NFC")) {
    for (const written of INSTEAD[letter] ?? letter) {
      const byte = byteOf(written);
      if (byte === null) lost.push(letter);
      bytes.push(byte ?? 63);
    }
  }
  return { bytes, lost };
}

function byteOf(letter: string): number | null {
  const code = letter.codePointAt(0) ?? 0;
  if ((code >= 32 && code < 127) || (code >= 160 && code < 256)) return code;
  const at = letter === "\0" ? -1 : WINDOWS.indexOf(letter);
  return at < 0 ? null : 128 + at;
}
