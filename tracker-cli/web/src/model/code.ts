/** The code of runs: what was changed beside the commit, and where two runs differ in it. */
import type { ChangedFile, Code } from "../data/types.ts";
import { parseDiff } from "./diff.ts";
import type { DiffFile, Hunk } from "./diff.ts";

/** A file that a run had changed. */
export interface Change extends ChangedFile {
  /** What was changed; null where that was not recorded. */
  diff: DiffFile | null;
}

/** In which of two runs a file was changed; `unknown` where it was in both, and nobody knows how. */
export type Where = "first" | "second" | "alike" | "differently" | "unknown";

export interface Pair {
  path: string;
  where: Where;
  first: Change | null;
  second: Change | null;
}

/** The files that a run had changed, with what was changed in each. */
export function changesOf({ files, diff }: Pick<Code, "files" | "diff">): Change[] {
  const known = new Map(parseDiff(diff ?? "").map((file) => [file.name, file]));
  return (files ?? []).map((file) => ({ ...file, diff: known.get(file.path) ?? null }));
}

/** The files of two runs beside each other, by path. */
export function pairsOf(first: readonly Change[], second: readonly Change[]): Pair[] {
  const [ofFirst, ofSecond] = [byPath(first), byPath(second)];
  const paths = [...new Set([...ofFirst.keys(), ...ofSecond.keys()])].sort();
  return paths.map((path) => {
    const [a, b] = [ofFirst.get(path) ?? null, ofSecond.get(path) ?? null];
    return { path, where: whereOf(a, b), first: a, second: b };
  });
}

function byPath(changes: readonly Change[]): Map<string, Change> {
  return new Map(changes.map((change) => [change.path, change]));
}

function whereOf(first: Change | null, second: Change | null): Where {
  if (!second) return "first";
  if (!first) return "second";
  if (!first.diff || !second.diff) return "unknown";
  return isLike(first.diff, second.diff) ? "alike" : "differently";
}

/** Line numbers do not count: a change further up moves them. Blobs say no more than hunks do, where there are any. */
function isLike(a: DiffFile, b: DiffFile): boolean {
  const head = (file: DiffFile): string => file.head.filter((line) => file.binary || !line.startsWith("index ")).join("\n");
  const hunks = (file: DiffFile): string => file.hunks.map(textOf).join("\n@@\n");
  return a.binary === b.binary && head(a) === head(b) && hunks(a) === hunks(b);
}

function textOf({ lines }: Hunk): string {
  return lines
    .slice(1)
    .map(({ text }) => text)
    .join("\n");
}

/** Which hunks of a file another patch of it has too. */
export function sharedHunks(own: DiffFile, other: DiffFile | null): Set<Hunk> {
  const known = new Set(other?.hunks.map(textOf));
  return new Set(own.hunks.filter((hunk) => known.has(textOf(hunk))));
}

/** In a few words: `with changes in 3 files`. */
export function changesText({ dirty, files, files_cut }: Pick<Code, "dirty" | "files" | "files_cut">): string {
  if (dirty === null) return "nobody knows whether files were changed";
  if (!dirty) return "without changes";
  if (!files) return "with changes";
  return `with changes in ${files_cut ? "more than " : ""}${files.length} ${files.length === 1 ? "file" : "files"}`;
}

/** In a sentence, how the code of all runs relates to that of the first. */
export function verdict(codes: readonly Code[], pairs: readonly (readonly Pair[])[]): string {
  const commits = new Set(codes.map(({ commit }) => commit));
  const ofCommits =
    commits.size > 1
      ? `The runs are of ${commits.size} commits`
      : commits.has(null)
        ? "No commit is known"
        : "All runs are of the same commit";
  if (codes.some(({ dirty }) => dirty === null)) return `${ofCommits}; of some, nobody knows whether files were changed.`;
  if (codes.every(({ dirty }) => !dirty)) return `${ofCommits}, without changes.`;
  if (codes.some(({ diff_cut, files_cut }) => diff_cut || files_cut)) return `${ofCommits}; not all of their changes are here.`;
  const words = new Set(pairs.flat().map(({ where }) => where));
  if ([...words].every((where) => where === "alike")) return `${ofCommits}, with the same changes.`;
  return words.has("first") || words.has("second") || words.has("differently")
    ? `${ofCommits}, with other changes.`
    : `${ofCommits}; files that git does not track may differ.`;
}
