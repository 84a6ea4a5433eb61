/** A drawing as pixels: the browser paints its SVG. */
import type { Drawing } from "./drawing.ts";
import { svgOf } from "./svg.ts";

/** What printers want, in pixels a point; more than three for each of a screen. */
const SCALE = 300 / 72;

/** The picture as a PNG; null where the browser makes none of this size. */
export async function pngOf(drawing: Drawing): Promise<Blob | null> {
  const address = URL.createObjectURL(new Blob([svgOf(drawing)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(drawing.width * SCALE);
    canvas.height = Math.round(drawing.height * SCALE);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve));
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}
