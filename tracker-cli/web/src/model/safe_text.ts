/** Names that come from anywhere, made fit for one line. */

/** Control characters, and those that turn the direction of writing, which could make one name look like another. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const LONGEST = 200;

/** The name without what cannot be seen, cut after 200 characters. */
export function oneLine(text: string): string {
  const clean = text.replace(UNSEEN, "");
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
}
