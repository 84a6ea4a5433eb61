/** A unified diff, as `git diff` prints it, in parts that can be shown. */

export interface DiffLine {
  kind: "added" | "removed" | "same" | "place";
  text: string;
}

export interface DiffFile {
  name: string;
  lines: DiffLine[];
  added: number;
  removed: number;
}

/** The files of a diff. What stands before the first file's lines, such as modes, is left out. */
export function parseDiff(diff: string): DiffFile[] {
  const files: DiffFile[] = [];
  let inHunk = false;
  for (const line of diff.split("\n")) {
    if (line.startsWith("diff --git ")) {
      files.push({ name: nameOf(line), lines: [], added: 0, removed: 0 });
      inHunk = false;
      continue;
    }
    const file = files.at(-1);
    if (!file) continue;
    if (line.startsWith("@@")) inHunk = true;
    if (inHunk) add(file, line);
  }
  return files;
}

function nameOf(line: string): string {
  return / b\/(.*)$/.exec(line)?.[1] ?? line;
}

function add(file: DiffFile, line: string): void {
  const kind = line.startsWith("@@") ? "place" : line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
  if (kind === "added") file.added += 1;
  if (kind === "removed") file.removed += 1;
  file.lines.push({ kind, text: line });
}
