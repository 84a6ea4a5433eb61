import assert from "node:assert/strict";
import { test } from "node:test";
import { DASHES, hueOf, HUES, lookAlone, looksTogether } from "../src/model/palette.ts";

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

/** Runs by their place in the project. */
function wishes(...hues: number[]): { id: string; hue: number }[] {
  return hues.map((hue) => ({ id: `run-${hue}`, hue }));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

test("a run has the same hue in both themes", () => {
  const wish = { id: "a", hue: 16 };
  const hue = HUES.find(({ light }) => light === lookAlone(wish, false).color);
  assert.equal(lookAlone(wish, true).color, hue?.dark);
});

test("words that differ in one letter spread over all hues", () => {
  assert.equal(new Set(upTo(400).map((at) => hueOf(`lr 0.0${at}`))).size, HUES.length);
});

test("runs that started after each other are drawn as each would be alone", () => {
  for (const first of [0, 7, 90]) {
    const drawn = wishes(...upTo(HUES.length).map((at) => first + at));
    const looks = looksTogether(drawn, false);
    for (const wish of drawn) assert.deepEqual(looks.get(wish.id), lookAlone(wish, false));
  }
});

test("a dozen runs never share a colour, whichever they are, and all lines are whole", () => {
  for (const drawn of [wishes(0, 12, 24), wishes(3, 5, 15, 17, 27, 29, 39, 41, 51, 53), wishes(...upTo(12).map((at) => at * 12))]) {
    const looks = [...looksTogether(drawn, true).values()];
    assert.equal(new Set(looks.map(({ color }) => color)).size, drawn.length);
    assert.ok(looks.every(({ dash }) => dash === 0));
  }
});

test("beyond a dozen, no two runs share both colour and dashes", () => {
  const drawn = wishes(...upTo(HUES.length * DASHES.length));
  const looks = [...looksTogether(drawn, false).values()].map(({ color, dash }) => `${color} ${dash}`);
  assert.equal(new Set(looks).size, drawn.length);
  assert.ok(
    [...looksTogether(wishes(...upTo(1000)), false).values()].every(({ dash }) => dash === 0),
    "what cannot be told apart is drawn plainly",
  );
});

test("a newer run changes no older run's look", () => {
  const before = looksTogether(wishes(0, 4, 12, 24), true);
  const after = looksTogether(wishes(0, 4, 12, 24, 36), true);
  for (const [id, look] of before) assert.deepEqual(after.get(id), look);
});
