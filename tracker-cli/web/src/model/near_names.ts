/** Names that somebody may have meant. */
import { changes } from "./near.ts";

/** More names than this are searched by a list better than by guessing. */
const MOST_SEARCHED = 2_000;
const MOST_FOUND = 3;

/** The names nearest to the wanted one, the nearest first; those with too many other letters are left out. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const near = names
    .slice(0, MOST_SEARCHED)
    .map((name) => ({ name, away: away(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ away: letters }) => letters <= Math.max(2, wanted.length / 3));
  near.sort((a, b) => a.away - b.away || (a.name < b.name ? -1 : 1));
  return near.slice(0, MOST_FOUND).map(({ name }) => name);
}

/** How many letters must be changed, added or taken away; half a one where the word is a part of the name. */
function away(wanted: string, name: string): number {
  return wanted.length > 1 && name.includes(wanted) ? 0.5 : changes(wanted, name);
}
