/** Long names of one sweep, without the words that all of them share. */

/** Shorter names fit as they are. */
const LONG = 24;
const BETWEEN = /([-_ /]+)/;

/** What to show in place of each long name: `transformer-12l-lr0.1-warmup-seed1` among its like as `…12l-lr0.1…seed1`. */
export function shortNames(names: readonly string[]): Map<string, string> {
  const short = new Map<string, string>();
  if (names.length < 2) return short;
  const shared = sharedWords(names);
  for (const name of new Set(names)) if (name.length > LONG) short.set(name, without(shared, name));
  return withoutTwins(short);
}

function sharedWords(names: readonly string[]): Set<string> {
  const [first = "", ...rest] = names;
  let shared = new Set(wordsOf(first));
  for (const name of rest) {
    if (shared.size === 0) break;
    const words = new Set(wordsOf(name));
    shared = new Set([...shared].filter((word) => words.has(word)));
  }
  return shared;
}

function wordsOf(name: string): string[] {
  return name.split(BETWEEN).filter((_, at) => at % 2 === 0);
}

/** Each row of shared words becomes one ellipsis. */
function without(shared: ReadonlySet<string>, name: string): string {
  const parts = name.split(BETWEEN);
  let text = "";
  let left = false;
  for (let at = 0; at < parts.length; at += 2) {
    const word = parts[at] ?? "";
    if (shared.has(word)) {
      left = true;
      continue;
    }
    text += (left ? "…" : text === "" ? "" : (parts[at - 1] ?? "")) + word;
    left = false;
  }
  return text === "" ? name : text + (left ? "…" : "");
}

/** Two names that would look the same are shown in full. */
function withoutTwins(short: ReadonlyMap<string, string>): Map<string, string> {
  const uses = new Map<string, number>();
  for (const text of short.values()) uses.set(text, (uses.get(text) ?? 0) + 1);
  return new Map([...short].filter(([name, text]) => text !== name && uses.get(text) === 1));
}
