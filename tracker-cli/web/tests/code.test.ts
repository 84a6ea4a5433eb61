import assert from "node:assert/strict";
import { test } from "node:test";
import type { Code } from "../src/data/types.ts";
import { changesOf, changesText, pairsOf, sharedHunks, verdict } from "../src/model/code.ts";
import { parseDiff } from "../src/model/diff.ts";
import { codeLine } from "../src/model/safe_text.ts";

const hunk = (line: string, at = 1): string => `@@ -${at},3 +${at},3 @@ fn main\n first\n-second\n+${line}\n third\n`;
const patch = (path: string, ...hunks: string[]): string =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n${hunks.join("")}`;

function code(files: string[], diff: string, more: Partial<Code> = {}): Code {
  return {
    commit: "a",
    branch: "main",
    dirty: files.length > 0,
    files: files.map((path) => ({ path, status: "modified" })),
    files_cut: false,
    diff,
    diff_cut: false,
    ...more,
  };
}

test("a diff falls into its files and hunks, and only lines of hunks count", () => {
  const files = parseDiff(
    "noise\ndiff --git a/x.rs b/x.rs\nindex 1..2\n--- a/x.rs\n+++ b/x.rs\n@@ -1,2 +1,3 @@\n same\n--- old\n+new\n+more\n\\ No newline at end of file\ndiff --git a/y b/y\nnew file mode 100644\n",
  );
  assert.deepEqual(
    files.map(({ name, added, removed }) => [name, added, removed]),
    [
      ["x.rs", 2, 1],
      ["y", 0, 0],
    ],
  );
  assert.deepEqual(
    files[0]?.hunks[0]?.lines.map(({ kind }) => kind),
    ["place", "same", "removed", "added", "added", "note"],
  );
  assert.deepEqual(parseDiff(""), []);
});

test("files are known by the name that they have now, also where git quotes it", () => {
  const names = parseDiff(
    [
      "diff --git a/old name.rs b/new name.rs",
      "similarity index 90%",
      "rename from old name.rs",
      "rename to new name.rs",
      "--- a/old name.rs\t",
      "+++ b/new name.rs\t",
      "@@ -1 +1 @@",
      "-a",
      "+b",
      "diff --git a/gone b/gone",
      "deleted file mode 100644",
      "--- a/gone",
      "+++ /dev/null",
      "@@ -1 +0,0 @@",
      "-a",
      'diff --git "a/tab\\there" "b/tab\\there"',
      '--- "a/tab\\there"',
      '+++ "b/tab\\there"',
      "@@ -1 +1 @@",
      "-a",
      "+b",
      "diff --git a/c b/d b/c b/d",
      "old mode 100644",
      "new mode 100755",
      "diff --git a/l b/l",
      '--- "a/caf\\351"',
      '+++ "b/caf\\351"',
    ].join("\n"),
  ).map(({ name }) => name);
  assert.deepEqual(names, ["new name.rs", "gone", "tab\there", "c b/d", "caf\\xe9"]);
});

test("files are told apart by where they were changed", () => {
  const a = code(
    ["alike", "both", "first", "new"],
    patch("alike", hunk("same")) + patch("both", hunk("one"), hunk("shared", 20)) + patch("first", hunk("x")),
  );
  const b = code(
    ["alike", "both", "second", "new"],
    patch("alike", hunk("same", 90)) + patch("both", hunk("two"), hunk("shared", 21)) + patch("second", hunk("x")),
  );
  const pairs = pairsOf(changesOf(a), changesOf(b));
  assert.deepEqual(
    pairs.map(({ path, where }) => [path, where]),
    [
      ["alike", "alike"],
      ["both", "differently"],
      ["first", "first"],
      ["new", "unknown"],
      ["second", "second"],
    ],
  );
  const both = pairs[1];
  assert.ok(both?.first?.diff && both.second?.diff);
  const shared = sharedHunks(both.second.diff, both.first.diff);
  assert.deepEqual(
    both.second.diff.hunks.map((each) => shared.has(each)),
    [false, true],
  );
  assert.equal(sharedHunks(both.second.diff, null).size, 0);
});

test("pictures are alike if their blobs are", () => {
  const picture = (blob: string): Code =>
    code(["p.png"], `diff --git a/p.png b/p.png\nindex 1..${blob} 100644\nBinary files a/p.png and b/p.png differ\n`);
  const where = (a: string, b: string): string | undefined => pairsOf(changesOf(picture(a)), changesOf(picture(b)))[0]?.where;
  assert.deepEqual([where("2", "2"), where("2", "3")], ["alike", "differently"]);
});

test("what is known of changes is said in words", () => {
  assert.equal(changesText(code(["a"], "")), "with changes in 1 file");
  assert.equal(changesText(code(["a", "b"], "", { files_cut: true })), "with changes in more than 2 files");
  assert.equal(changesText(code([], "")), "without changes");
  assert.equal(changesText(code([], "", { dirty: true, files: null })), "with changes");
  assert.match(changesText(code([], "", { dirty: null })), /nobody knows/);
});

test("one sentence says how the code of the runs differs", () => {
  const of = (a: Code, b: Code): string => verdict([a, b], [pairsOf(changesOf(a), changesOf(b))]);
  const changed = code(["x"], patch("x", hunk("one")));
  assert.equal(of(code([], ""), code([], "")), "All runs are of the same commit, without changes.");
  assert.equal(of(changed, changed), "All runs are of the same commit, with the same changes.");
  assert.equal(of(changed, code(["x"], patch("x", hunk("two")), { commit: "b" })), "The runs are of 2 commits, with other changes.");
  assert.match(of(changed, code([], "", { dirty: null, files: null, diff: null })), /nobody knows/);
  assert.match(of(changed, code(["x"], "", { diff_cut: true })), /not all/);
  assert.match(of(code(["new"], ""), code(["new"], "")), /may differ/);
});

test("a line of code keeps its tabs and loses what steers a terminal or turns the writing", () => {
  assert.equal(codeLine("+\tif \u001b[31mx\u202e\u0007 {"), "+\tif x {");
});
