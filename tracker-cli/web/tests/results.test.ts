import assert from "node:assert/strict";
import { test } from "node:test";
import type { Definitions } from "../src/data/types.ts";
import { formatChoice, keptChoices, parseChoice, saysNothing, usualChoice } from "../src/model/chart_choice.ts";
import { huesBy } from "../src/model/hue.ts";
import { PLAIN } from "../src/model/palette.ts";
import { isFlipped, isLog, withFlip, withLog } from "../src/model/results_choice.ts";
import { isUsuallyLog, mainResult, varyingSettings } from "../src/model/results_columns.ts";
import { run, summary } from "./helpers.ts";

const definition = { unit: null, display_name: null, hidden: false };
const definitions: Definitions = {
  "valid/loss": { ...definition, direction: "lower" },
  "valid/accuracy": { ...definition, direction: "higher" },
  "train/accuracy": { ...definition, direction: "higher" },
};

test("the setting with the most values stands first, of those the one that spans the most, and seeds last", () => {
  const runs = Array.from({ length: 12 }, (_, at) =>
    run({ id: `r${at}`, config: { lr: 10 ** -(at % 4), hidden: 64 * (1 + (at % 4)), seed: at, depth: 3, name: at < 6 ? "a" : "b" } }),
  );
  const columns = ["config:depth", "config:hidden", "config:lr", "config:name", "config:seed", "summary:loss"];
  assert.deepEqual(varyingSettings(runs, columns), ["config:lr", "config:hidden", "config:name", "config:seed"]);
});

test("the main result is that of the sort, else one of validation that is better when higher", () => {
  const all = ["summary:train/accuracy", "summary:valid/accuracy", "summary:valid/loss", "summary:other"];
  assert.equal(mainResult(all, definitions, "started"), "summary:valid/accuracy");
  assert.equal(mainResult(all, definitions, "summary:valid/loss"), "summary:valid/loss");
  assert.equal(mainResult(["summary:valid/loss", "summary:train/accuracy"], definitions, "started"), "summary:train/accuracy");
  assert.equal(mainResult(["summary:system/cpu", "summary:score"], {}, "started"), "summary:score");
  assert.equal(mainResult([], {}, "started"), undefined);
});

test("a setting over decades has a log axis until somebody turns it", () => {
  const usually = isUsuallyLog("config:lr", [0.001, NaN, 0.1]);
  assert.ok(
    usually && !isUsuallyLog("config:lr", [0, 0.1]) && !isUsuallyLog("summary:loss", [0.001, 1]) && !isUsuallyLog("config:x", [1, 2]),
  );
  const linear = withLog([], "config:lr", false);
  assert.equal(isLog(linear, "config:lr", usually), false);
  assert.equal(isLog(withLog(linear, "config:lr", true), "config:lr", false), true);
  const flipped = withFlip(linear, "config:lr", true);
  assert.ok(isFlipped(flipped, "config:lr") && !isLog(flipped, "config:lr", usually));
  assert.deepEqual(withFlip(flipped, "config:lr", false), linear);
});

test("a kept picture of settings and results comes back from its word, and one of another kind is no chart", () => {
  const results = {
    kind: "scatter",
    across: "config:a b&c",
    up: "summary:é/1",
    hue: "run",
    axes: ["config:x"],
    scales: ["log config:x"],
  } as const;
  const choice = { ...usualChoice("c:2"), name: "<b>", results };
  assert.deepEqual(parseChoice(formatChoice(choice)), choice);
  assert.deepEqual(keptChoices([choice]), [choice]);
  assert.ok(!saysNothing(choice));
  assert.equal(parseChoice("of=c:1&as=hologram&up=summary:x"), null);
  assert.equal(parseChoice("of=m:loss&as=scatter"), null, "a metric's own chart has curves");
});

test("colours go over a ramp by numbers and by palette over words, and what is missing is grey", () => {
  const runs = [0.001, 0.1, 10].map((lr, at) => run({ id: `r${at}`, config: { lr, name: "ab"[at % 2] as string } }));
  const ramp = huesBy(runs, "config:lr", true, false);
  const colors = runs.map((each) => ramp.of(each));
  assert.deepEqual(colors, ["#1f2a7a", "#a8327d", "#d55e00"]);
  assert.equal(ramp.of(run()), PLAIN.color);
  const words = huesBy(runs, "config:name", false, true);
  assert.ok(words.key.kind === "words" && words.key.words.length === 2);
  assert.equal(words.of(runs[0] as never), words.of(runs[2] as never));
  assert.notEqual(words.of(runs[0] as never), words.of(runs[1] as never));
  assert.equal(words.of(run()), PLAIN.color);
});

test("a setting that is the same everywhere, and one that is missing, have colours too", () => {
  const same = [run({ config: { lr: 1 } })];
  assert.equal(huesBy(same, "config:lr", false, false).of(same[0] as never), "#a8327d");
  assert.equal(huesBy([run({ summary: { a: summary("NaN") } })], "summary:a", false, false).of(run()), PLAIN.color);
});
