import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { contrast } from "./contrast.ts";
import { HUES } from "../src/model/palette.ts";

const css = readFileSync(join(import.meta.dirname, "../src/style/tokens.css"), "utf8");

/** The colours of the light theme, and of the dark one where it has its own. */
function tokens(theme: "light" | "dark"): Record<string, string> {
  const [light = "", dark = ""] = css.split(':root[data-theme="dark"]');
  const read = (text: string): [string, string][] =>
    [...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = "", color = ""]) => [name, color]);
  return Object.fromEntries(theme === "light" ? read(light) : [...read(light), ...read(dark)]);
}

const GROUNDS = ["bg", "surface", "sunken"];

for (const theme of ["light", "dark"] as const) {
  const color = tokens(theme);
  const ratio = (front: string, ground: string): number => contrast(color[front] ?? "", color[ground] ?? "");

  test(`every colour of text is read on every ground of the ${theme} theme`, () => {
    for (const text of ["text", "muted", "accent", "good", "bad", "warn"]) {
      for (const ground of GROUNDS) assert.ok(ratio(text, ground) >= 4.5, `${text} on ${ground}: ${ratio(text, ground).toFixed(2)}`);
    }
    assert.ok(ratio("on-accent", "accent") >= 4.5);
    assert.ok(ratio("accent", "accent-soft") >= 4.5);
    assert.ok(ratio("text", "accent-soft") >= 4.5);
    assert.ok(ratio("muted", "accent-soft") >= 4.5);
  });

  test(`edges of fields and the marks of runs are seen in the ${theme} theme`, () => {
    for (const ground of ["bg", "surface"]) {
      assert.ok(ratio("edge", ground) >= 3, `edge on ${ground}: ${ratio("edge", ground).toFixed(2)}`);
      for (const hue of HUES) assert.ok(contrast(hue[theme], color[ground] ?? "") >= 3, `${hue.name} on ${ground}`);
    }
  });
}
