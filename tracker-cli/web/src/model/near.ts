/** Which names somebody may have meant. */

/** The names that are nearest to one that is not there, three at most. */
export function near(name: string, among: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  const found = [...new Set(among)].flatMap((other) => {
    const far = distance(wanted, other.toLowerCase());
    return far === null ? [] : [{ far, other }];
  });
  found.sort((a, b) => a.far - b.far || (a.other < b.other ? -1 : 1));
  return found.slice(0, 3).map(({ other }) => other);
}

/** How far apart two names are; null if nobody would take one for the other. Nearest are those of which one ends in the other. */
function distance(wanted: string, other: string): number | null {
  if (other.endsWith(wanted) || wanted.endsWith(other)) return 0;
  if (wanted.length > 2 && other.includes(wanted)) return 1;
  const changed = changes(wanted, other);
  return changed <= Math.max(1, Math.floor([...wanted].length / 3)) ? changed + 1 : null;
}

/** How many characters to add, leave out or replace. */
export function changes(a: string, b: string): number {
  const others = [...b];
  const row = Array.from({ length: others.length + 1 }, (_, place) => place);
  [...a].forEach((letter, index) => {
    let before = row[0] as number;
    row[0] = index + 1;
    others.forEach((other, place) => {
      const replaced = before + Number(letter !== other);
      before = row[place + 1] as number;
      row[place + 1] = Math.min(replaced, before + 1, (row[place] as number) + 1);
    });
  });
  return row[others.length] as number;
}
