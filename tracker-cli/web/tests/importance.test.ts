import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../src/data/types.ts";
import { classesOf } from "../src/model/classes.ts";
import { importanceOf } from "../src/model/importance.ts";
import type { SettingImportance } from "../src/model/importance.ts";
import { correlationOfRanks, ranksOf } from "../src/model/ranks.ts";
import { run, summary } from "./helpers.ts";

/** From 0 to 1, the same each time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

function runs(count: number, result: (config: Record<string, number>, noise: number) => number): Run[] {
  const draw = noise(7);
  return Array.from({ length: count }, (_, at) => {
    const config = { lr: 10 ** (-1 - 3 * draw()), layers: at % 4, seed: Math.floor(draw() * 5), width: draw() < 0.5 ? 64 : 128 };
    return run({ id: `r${at}`, config, summary: { accuracy: summary(result(config, draw())) } });
  });
}

const SETTINGS = ["config:lr", "config:layers", "config:seed", "config:width"];

function told(all: readonly Run[], settings = SETTINGS): Record<string, SettingImportance> {
  const found = importanceOf(all, settings, "summary:accuracy");
  assert.equal(found.kind, "told");
  return Object.fromEntries(found.kind === "told" ? found.settings.map((each) => [each.column.slice(7), each]) : []);
}

test("equal values share their rank, and the rank correlation is Spearman's", () => {
  assert.deepEqual(ranksOf([3, 1, 3, 2]), [3.5, 1, 3.5, 2]);
  assert.equal(correlationOfRanks([1, 2, 3, 4], ranksOf([10, 20, 30, 1000])), 1);
  assert.equal(Math.round(correlationOfRanks([1, 2, 3, 4, 5], ranksOf([5, 6, 7, 8, 7])) * 1000), 821);
});

test("the setting that makes the difference has the share, and others may be chance", () => {
  const { lr, layers, seed, width } = told(runs(100, ({ lr = 0 }, noise) => -Math.log(lr) + 0.1 * noise));
  assert.ok((lr?.share ?? 0) > 0.9 && !lr?.isChance, `${lr?.share}`);
  assert.ok((lr?.correlation ?? 0) < -0.95);
  for (const other of [layers, seed, width]) assert.ok((other?.share ?? 1) < 0.15 && other?.isChance);
});

test("shares are those of Kruskal and Wallis' test: (H - k + 1) / (n - k)", () => {
  // R: kruskal.test(c(1,2,3,4,5,6,7,8,9,10,11,12), rep(1:3, each = 4)) has H = 9.8462.
  const all = Array.from({ length: 12 }, (_, at) =>
    run({ id: `r${at}`, config: { kind: "abc"[Math.floor(at / 4)] as string }, summary: { accuracy: summary(at) } }),
  );
  const { kind } = told(all, ["config:kind"]);
  assert.ok(Math.abs((kind?.share ?? 0) - (9.846154 - 2) / 9) < 1e-6, `${kind?.share}`);
  assert.equal(kind?.correlation, null);
});

test("one diverged result says no more than that it is the worst, and those without a result are left out", () => {
  const all = runs(60, ({ lr = 0 }, noise) => -Math.log(lr) + 0.1 * noise);
  const usual = told(all)["lr"]?.share ?? 0;
  const worst = all.reduce((a, b) => (Number(a.summary["accuracy"]?.best) < Number(b.summary["accuracy"]?.best) ? a : b));
  const wild = all.map((each) => (each === worst ? { ...each, summary: { accuracy: summary(-1e30) } } : each));
  assert.equal(told(wild)["lr"]?.share, usual);
  const lost = [...all, run({ id: "nan", summary: { accuracy: summary("NaN") } }), run({ id: "none" })];
  const found = importanceOf(lost, SETTINGS, "summary:accuracy");
  assert.ok(found.kind === "told" && found.runs === 60 && found.leftOut === 2);
});

test("what two settings do only together is told beside them", () => {
  const { width, layers, lr } = told(
    runs(120, ({ width = 0, layers = 0 }, noise) => ((width === 64) === layers < 2 ? 1 : 0) + 0.2 * noise),
  );
  assert.ok((width?.share ?? 1) < 0.1 && (layers?.share ?? 1) < 0.1, "neither does anything alone");
  assert.equal(width?.together[0]?.column, "config:layers");
  assert.ok((layers?.together[0]?.share ?? 0) > 0.6);
  assert.deepEqual(lr?.together, []);
  const added = told(runs(120, ({ width = 0, layers = 0 }, noise) => width / 64 + layers + 0.2 * noise));
  assert.deepEqual(added["width"]?.together, [], "a sum of two effects is none of both together");
});

test("settings that vary together are told to", () => {
  const all = runs(40, ({ layers = 0 }, noise) => layers + noise).map((each) => ({
    ...each,
    config: { ...each.config, heads: Number(each.config["layers"]) * 2 },
  }));
  const { layers, heads, seed } = told(all, [...SETTINGS, "config:heads"]);
  assert.deepEqual(layers?.alike, ["config:heads"]);
  assert.deepEqual(heads?.alike, ["config:layers"]);
  assert.deepEqual(seed?.alike, []);
});

test("too few runs, one result everywhere and equal settings are said", () => {
  const why = (all: readonly Run[]): string => {
    const found = importanceOf(all, SETTINGS, "summary:accuracy");
    return found.kind === "none" ? found.why : "";
  };
  assert.match(why(runs(9, ({ lr = 0 }) => lr)), /9 runs have this result, and 10 are needed/);
  assert.match(why([]), /no run has this result/);
  assert.match(why(runs(20, () => 1)), /the same result/);
  const equal = Array.from({ length: 20 }, (_, at) => run({ id: `r${at}`, config: { lr: 1 }, summary: { accuracy: summary(at) } }));
  assert.match(why(equal), /the same settings/);
});

test("numbers of many values are put into classes of about as many runs, and rare words together", () => {
  const numbers = classesOf(
    Array.from({ length: 100 }, (_, at) => at ** 3),
    4,
  );
  assert.equal(numbers.count, 4);
  assert.equal(numbers.of.filter((each) => each === 0).length, 25);
  const words = classesOf([..."aaaabbbcdefg", undefined], 3);
  assert.equal(words.count, 4, "a, b, the others, and what is missing");
});
