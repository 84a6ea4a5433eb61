/**
 * Colours of runs: told apart with every common kind of colour vision, and at least 3:1 against the
 * backgrounds of both themes.
 */

/** One hue in the shade for light and the shade for dark backgrounds. */
export interface Hue {
  name: string;
  light: string;
  dark: string;
}

export const HUES: readonly Hue[] = [
  { name: "blue", light: "#0072b2", dark: "#56b4e9" },
  { name: "vermilion", light: "#d55e00", dark: "#ff8a3d" },
  { name: "green", light: "#00875f", dark: "#2fc79a" },
  { name: "purple", light: "#aa3377", dark: "#e07bb5" },
  { name: "ochre", light: "#a87400", dark: "#e6b432" },
  { name: "indigo", light: "#332288", dark: "#9d8df1" },
  { name: "cyan", light: "#0e8099", dark: "#5fd3e8" },
  { name: "wine", light: "#882255", dark: "#d4688f" },
  { name: "olive", light: "#767a12", dark: "#c5c94f" },
  { name: "violet", light: "#7b4fd6", dark: "#bb9cff" },
  { name: "forest", light: "#117733", dark: "#6fce7f" },
  { name: "red", light: "#c42a2a", dark: "#ff7b72" },
];

/** FNV-1a with a last mixing, because ids made in one second differ only in their last letters. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function shade(index: number, dark: boolean): string {
  const hue = HUES[index % HUES.length] as Hue;
  return dark ? hue.dark : hue.light;
}

/** The colour of a run: stable by its id over reloads, colour-blind safe; `dark` picks the shade. */
export function runColor(runId: string, dark: boolean): string {
  return shade(hash(runId), dark);
}

/**
 * Colours of many runs, the oldest first. Each begins at its own hue ([`runColor`]) and takes the next
 * free one where an older run holds it, so that a dozen runs never share a colour, and a run's colour
 * changes only when an older run goes away.
 */
export function runColors(runIds: readonly string[], dark: boolean): Map<string, string> {
  const used = new Array<number>(HUES.length).fill(0);
  const colors = new Map<string, string>();
  for (const id of runIds) {
    const index = leastUsed(used, hash(id) % HUES.length);
    used[index] = (used[index] as number) + 1;
    colors.set(id, shade(index, dark));
  }
  return colors;
}

/** The first of the least used hues at or after `start`, in a circle. */
function leastUsed(used: readonly number[], start: number): number {
  const least = Math.min(...used);
  for (let step = 0; step < used.length; step += 1) {
    const index = (start + step) % used.length;
    if (used[index] === least) return index;
  }
  return start;
}
