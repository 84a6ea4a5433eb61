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

/** FNV-1a with a last mixing, because names of one sweep differ only in their last letters. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** How a run, or a group of runs, is drawn. */
export interface Look {
  color: string;
  /** Which of the `DASHES`; 0 is a whole line. */
  dash: number;
}

export type Looks = ReadonlyMap<string, Look>;

/** Lengths of line and gap in CSS pixels. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [10, 3, 2, 3], [14, 4]];

/** Of what nobody knows. */
export const PLAIN: Look = { color: "#888888", dash: 0 };

/** Somebody who is drawn, and the hue that they have alone. */
export interface Wish {
  id: string;
  /** Any whole number from 0 on; neighbours have different hues. */
  hue: number;
}

/** The hue of a word: the same on every page. */
export function hueOf(word: string): number {
  return hash(word) % HUES.length;
}

/** How one is drawn alone. */
export function lookAlone({ hue }: Wish, dark: boolean): Look {
  return { color: shade(hue, dark), dash: 0 };
}

/**
 * How those are drawn who are drawn together. Each has its own hue; where one before it in the list holds that
 * already, the next free one, so that a dozen never share a colour. Beyond a dozen, those of one colour have
 * other dashes, as long as there are dashes.
 */
export function looksTogether(wishes: readonly Wish[], dark: boolean): Map<string, Look> {
  const used = new Array<number>(HUES.length).fill(0);
  const looks = new Map<string, Look>();
  const canTell = wishes.length <= HUES.length * DASHES.length;
  for (const { id, hue } of wishes) {
    const index = leastUsed(used, hue % HUES.length);
    const before = used[index] as number;
    used[index] = before + 1;
    looks.set(id, { color: shade(index, dark), dash: canTell ? before : 0 });
  }
  return looks;
}

function shade(index: number, dark: boolean): string {
  const hue = HUES[index % HUES.length] as Hue;
  return dark ? hue.dark : hue.light;
}

/** The shade for light backgrounds of a colour in either shade. */
export function onPaper(color: string): string {
  return HUES.find(({ dark }) => dark === color)?.light ?? color;
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
