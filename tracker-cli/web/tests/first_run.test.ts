import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, ROOT), "utf8").trim();
const [MANIFEST, PROGRAM] = ["docs/first/Cargo.toml.txt", "examples/hello/src/main.rs"];

test("the README's first lines are those of the page, whole files between fences", () => {
  const readme = text("README.md");
  assert.ok(readme.includes(`\n\`\`\`toml\n${text(MANIFEST)}\n\`\`\`\n`), `README.md has not the lines of ${MANIFEST}`);
  assert.ok(readme.includes(`\n\`\`\`rust\n${text(PROGRAM)}\n\`\`\`\n`), `README.md has not the lines of ${PROGRAM}`);
  assert.ok(text(PROGRAM).split("\n").length <= 25, "a first program is short");
});

test("the page shows these files, and no copies of them", () => {
  const part = text("tracker-cli/web/src/part/first_lines.tsx");
  for (const path of [MANIFEST, PROGRAM]) assert.ok(part.includes(`"../../../../${path}?raw"`), path);
});

test("the packages that the first lines name are those of the program", () => {
  const known = text("examples/hello/Cargo.toml");
  const names = [...text(MANIFEST).matchAll(/^([\w-]+) = /gm)].map(([, name]) => name as string);
  const used = [...known.slice(known.indexOf("[dependencies]"), known.indexOf("[lints]")).matchAll(/^([\w-]+)/gm)].map(([name]) => name);
  assert.deepEqual(names.sort(), used.sort());
});
