import assert from "node:assert/strict";
import { test } from "node:test";
import { HUES, runColor, runColors } from "../src/model/palette.ts";

const LIGHT = ["#ffffff", "#f6f7f9"];
const DARK = ["#0e1116", "#161b22", "#1c2128"];

/** Relative luminance as WCAG 2 defines it. */
function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test("every colour stands out 3 to 1 from the backgrounds of its theme", () => {
  for (const hue of HUES) {
    for (const background of LIGHT) assert.ok(contrast(hue.light, background) >= 3, `${hue.name} on ${background}`);
    for (const background of DARK) assert.ok(contrast(hue.dark, background) >= 3, `${hue.name} on ${background}`);
  }
});

test("a run keeps its colour, in both themes by the same hue", () => {
  const id = "01K7QXBZ5Y8M3N4P6R7S8T9V0W";
  assert.equal(runColor(id, false), runColor(id, false));
  const hue = HUES.find(({ light }) => light === runColor(id, false));
  assert.equal(runColor(id, true), hue?.dark);
});

test("ids that differ in one letter spread over all hues", () => {
  const colors = new Set(Array.from({ length: 400 }, (_, index) => runColor(`01K7QXBZ5Y8M3N4P6R7S8T${index}`, false)));
  assert.equal(colors.size, HUES.length);
});

test("as many runs as there are hues get a hue each, and more share evenly", () => {
  const ids = Array.from({ length: HUES.length * 2 }, (_, index) => `run-${index}`);
  assert.equal(new Set(runColors(ids.slice(0, HUES.length), false).values()).size, HUES.length);
  const shared = [...runColors(ids, false).values()];
  for (const color of new Set(shared)) assert.equal(shared.filter((other) => other === color).length, 2);
});

test("a new run changes no older run's colour", () => {
  const ids = Array.from({ length: 9 }, (_, index) => `run-${index}`);
  const before = runColors(ids, true);
  const after = runColors([...ids, "run-new"], true);
  for (const id of ids) assert.equal(after.get(id), before.get(id));
});
