/** Words that come from anywhere, made fit to be read. */

/** Control characters, and those that turn the direction of writing, which could make one name look like another. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
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
  return text.replace(ESCAPES, "").replace(/[\n\t]/g, " ").replace(UNSEEN, "");
}

/** A line of code as it is, with its tabs, without what cannot be seen. */
export function codeLine(text: string): string {
  return text.split("\t").map(withoutEscapes).join("\t");
}
