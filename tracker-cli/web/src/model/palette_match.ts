/** How well a typed word fits a title: its letters in order, better at the beginnings of words. */

const BORDER = /[\s/._-]/;

/** Whether any word of the text begins with the letters. */
function beginsWord(text: string, letters: string): boolean {
  for (let at = text.indexOf(letters); at >= 0; at = text.indexOf(letters, at + 1)) {
    if (BORDER.test(text[at - 1] ?? " ")) return true;
  }
  return false;
}

/** Null where the letters do not all occur in order; else the greater the better. */
export function score(title: string, typed: string): number | null {
  const [text, letters] = [title.toLowerCase(), typed.toLowerCase().replace(/\s+/g, "")];
  const whole = text.indexOf(letters);
  if (whole >= 0) return (beginsWord(text, letters) ? 2000 : 1000) - whole;
  let total = 0;
  let at = -1;
  for (const letter of letters) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    total += next === at + 1 ? 3 : BORDER.test(text[next - 1] ?? " ") ? 2 : 0;
    at = next;
  }
  return total;
}

/** The best of the titled things, at most `most`; all in their order where nothing is typed. */
export function best<T extends { title: string }>(things: readonly T[], typed: string, most: number): T[] {
  if (typed.trim() === "") return things.slice(0, most);
  const scored = things.map((thing, at) => ({ thing, at, points: score(thing.title, typed) })).filter(({ points }) => points !== null);
  scored.sort((a, b) => (b.points as number) - (a.points as number) || a.at - b.at);
  return scored.slice(0, most).map(({ thing }) => thing);
}
