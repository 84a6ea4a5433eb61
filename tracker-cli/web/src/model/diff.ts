/** A unified diff, as `git diff` prints it, in parts that can be shown. */

export interface DiffLine {
  kind: "added" | "removed" | "same" | "place" | "note";
  text: string;
}

/** A place in a file with changes; its first line says where. */
export interface Hunk {
  lines: DiffLine[];
}

export interface DiffFile {
  name: string;
  /** What stands above the first hunk, but for the paths: modes, renames, blobs. */
  head: string[];
  hunks: Hunk[];
  added: number;
  removed: number;
  /** Whether its contents are no text, so that the diff does not have them. */
  binary: boolean;
}

/** The files of a diff, in its order. */
export function parseDiff(diff: string): DiffFile[] {
  const files: DiffFile[] = [];
  let paths: Paths = { old: null, now: null };
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    if (line.startsWith("diff --git ")) {
      paths = { old: null, now: null };
      files.push({ name: sameName(line), head: [], hunks: [], added: 0, removed: 0, binary: false });
      continue;
    }
    const file = files.at(-1);
    if (!file) continue;
    if (line.startsWith("@@ ")) file.hunks.push({ lines: [] });
    const hunk = file.hunks.at(-1);
    if (hunk) addTo(file, hunk, line);
    else readHead(file, paths, line);
  }
  return files;
}

interface Paths {
  old: string | null;
  now: string | null;
}

function readHead(file: DiffFile, paths: Paths, line: string): void {
  const [, sign, path] = /^(---|\+\+\+|rename from|rename to) (.*)$/.exec(line) ?? [];
  if (sign === undefined || path === undefined) {
    file.binary ||= line.startsWith("Binary files ");
    file.head.push(line);
    return;
  }
  const isOld = sign === "---" || sign === "rename from";
  const name = pathOf(path, isOld ? "a/" : "b/");
  if (isOld) paths.old = name ?? paths.old;
  else paths.now = name ?? paths.now;
  file.name = paths.now ?? paths.old ?? file.name;
}

function addTo(file: DiffFile, hunk: Hunk, line: string): void {
  const kind =
    hunk.lines.length === 0
      ? "place"
      : line.startsWith("+")
        ? "added"
        : line.startsWith("-")
          ? "removed"
          : line.startsWith("\\")
            ? "note"
            : "same";
  if (kind === "added") file.added += 1;
  if (kind === "removed") file.removed += 1;
  hunk.lines.push({ kind, text: line });
}

/** The path of a line of the head; null where there was no file. */
function pathOf(text: string, prefix: string): string | null {
  const path = unquoted(text.replace(/\t$/, ""));
  const plain = path.startsWith(prefix) ? path.slice(prefix.length) : path;
  return plain === "/dev/null" ? null : plain;
}

/** The path of `diff --git a/x b/x`, where no other line has it: then both are the same. */
function sameName(line: string): string {
  const both = line.slice("diff --git ".length);
  const half = both.slice(Math.floor(both.length / 2));
  return pathOf(half.startsWith(" ") ? half.slice(1) : both, "b/") ?? "";
}

const LETTERS: { [letter: string]: number } = { n: 10, t: 9, r: 13, a: 7, b: 8, v: 11, f: 12 };

/** Undoes the quotes that git puts around paths with special characters. */
function unquoted(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [part, octal, letter] of text.slice(1, -1).matchAll(/\\([0-7]{1,3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(parseInt(octal, 8) & 255);
    else if (letter !== undefined) bytes.push(...(LETTERS[letter] === undefined ? encoder.encode(letter) : [LETTERS[letter]]));
    else bytes.push(...encoder.encode(part));
  }
  return legible(new Uint8Array(bytes));
}

/** Bytes as the server writes them: what is no UTF-8 is `\xe9`. */
function legible(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return [...bytes].map((byte) => (byte < 128 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join("");
  }
}
