/** Words that come from anywhere, made fit to be read. */

/**
 * Control characters, those that turn the direction of writing, which could make one name look like another, and those without
 * a shape, as a class of a pattern. The command line knows the same (`is_unseen`).
 */
export const UNSEEN = "\\p{Cc}\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}";
const ALL_UNSEEN = new RegExp(`[${UNSEEN}]`, "gu");
/** Colours and moves of a terminal. */
const ESCAPES = /\u001b(\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\))/g;
const LONGEST = 200;

/** The name without what cannot be seen, cut after 200 characters. */
export function oneLine(text: string): string {
  const clean = withoutEscapes(text);
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
}

/** The text as one line, without a terminal's colours. */
export function withoutEscapes(text: string): string {
  return text
    .replace(ESCAPES, "")
    .replace(/[\n\t]/g, " ")
    .replace(ALL_UNSEEN, "");
}

/** A line of code as it is, with its tabs, without what cannot be seen. */
export function codeLine(text: string): string {
  return text.split("\t").map(withoutEscapes).join("\t");
}

/** A text of several lines, each without what cannot be seen. */
export function safeLines(text: string): string {
  return text.split("\n").map(codeLine).join("\n");
}
