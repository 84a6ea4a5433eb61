/** A figure as a file. */
import type { FigureChoice } from "./choice.ts";
import { figureOf } from "./figure.ts";
import type { Shown } from "./figure.ts";
import { pdfOf } from "./pdf.ts";
import { pngOf } from "./pixels.ts";
import { svgOf } from "./svg.ts";
import { fileName, save } from "../export.ts";

export type FigureFormat = "svg" | "pdf" | "png";

/** Saves it by a name; answers what there is to say of the file, nothing at most times. */
export async function saveFigure(shown: Shown, called: string, choice: FigureChoice, format: FigureFormat): Promise<string> {
  const drawing = figureOf(shown, choice);
  const name = fileName(called, format);
  if (format === "svg") save(new Blob([svgOf(drawing)], { type: "image/svg+xml" }), name);
  else if (format === "pdf") {
    const { bytes, lost } = pdfOf(drawing);
    save(new Blob([bytes], { type: "application/pdf" }), name);
    if (lost.length > 0) return `The letters of PDF have no ${lost.slice(0, 8).join(" ")}: a ? stands for each. SVG has them all.`;
  } else {
    const blob = await pngOf(drawing);
    if (!blob) return "This browser makes no picture of this size. Choose a smaller one, or SVG.";
    save(blob, name);
  }
  return "";
}
