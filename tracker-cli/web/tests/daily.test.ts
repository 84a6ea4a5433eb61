import assert from "node:assert/strict";
import { test } from "node:test";
import { chartWords } from "../src/model/chart_words.ts";
import { startsDescending, valueOf } from "../src/model/column.ts";
import { divergedMetrics } from "../src/model/diverged.ts";
import { drawnIds, NEWEST, withOnly } from "../src/model/drawn.ts";
import { formatTime } from "../src/model/format.ts";
import { best } from "../src/model/palette_match.ts";
import { parseQuery } from "../src/model/query.ts";
import { shortNames } from "../src/model/short_names.ts";
import { sectionsOf } from "../src/model/sections.ts";
import { run, summary } from "./helpers.ts";

const DEFINITIONS = {
  loss: { unit: null, direction: "lower" as const, display_name: null, hidden: false },
  accuracy: { unit: "%", direction: "higher" as const, display_name: null, hidden: false },
};

test("a run that ended in NaN is found, however good it was before", () => {
  const wrong = run({ summary: { loss: { ...summary(0.2), last: "NaN" }, accuracy: summary(0.9) } });
  assert.deepEqual(divergedMetrics(wrong), ["loss"]);
  assert.equal(valueOf(run(), "diverged"), false);
  const query = parseQuery("diverged = true and loss < 1", [wrong], DEFINITIONS);
  assert.ok(query.ok && query.matches(wrong) && !query.matches(run()));
});

test("layers come in the order of their numbers", () => {
  assert.deepEqual(sectionsOf(["g/layer.10", "g/layer.2", "g/layer.1"])[0]?.metrics, ["g/layer.1", "g/layer.2", "g/layer.10"]);
});

test("a sort by a metric begins with its best", () => {
  assert.equal(startsDescending("summary:loss", DEFINITIONS), false);
  assert.equal(startsDescending("summary:accuracy", DEFINITIONS), true);
  assert.equal(startsDescending("summary:unknown", DEFINITIONS), true);
  assert.equal(startsDescending("config:loss", DEFINITIONS), false);
  assert.equal(startsDescending("started", DEFINITIONS), true);
});

test("the first of the list are drawn as it is sorted", () => {
  const listed = Array.from({ length: 30 }, (_, at) => run({ id: `r${at}` }));
  assert.deepEqual(
    [...drawnIds(listed, { draw: "first", show: [], hide: [] })],
    listed.slice(0, NEWEST).map(({ id }) => id),
  );
});

test("a run is drawn alone, and the usual ones come back by the same way", () => {
  const alone = withOnly({ draw: "all", show: ["a"], hide: ["b"] }, ["c"]);
  assert.deepEqual(alone, { draw: "none", show: ["c"], hide: [] });
  assert.deepEqual(withOnly(alone, ["d"]), { draw: "none", show: ["d"], hide: [] });
  assert.deepEqual(withOnly(alone, ["c"]), { draw: "newest", show: [], hide: [] });
});

test("times are told to the second", () => {
  assert.match(formatTime("2026-11-27T19:11:03.844645Z"), /^2026-11-2[678] \d\d:\d\d:03$/);
  assert.equal(formatTime("never"), "never");
});

test("letters that begin a word go before letters within one", () => {
  const things = [{ title: "baseline" }, { title: "lr0.1-seed2" }];
  assert.equal(best(things, "se", 2)[0]?.title, "lr0.1-seed2");
});

test("a chart says in words how many runs it shows, the best one and where each ended", () => {
  const runs = [
    run({ name: "a", summary: { loss: { ...summary(0.1), last: 0.4 } } }),
    run({ id: "2", name: "b", summary: { loss: summary(0.3) } }),
    run({ id: "3", name: "c" }),
  ];
  assert.equal(
    chartWords(runs, "loss", DEFINITIONS, ({ name }) => name),
    "loss: curves of 2 runs. Best: a, 0.1000. Last values: a 0.4000; b 0.3000.",
  );
  assert.equal(
    chartWords([], "loss", DEFINITIONS, ({ name }) => name),
    "loss: curves of 0 runs.",
  );
});

test("long names of a sweep leave out what all of them share", () => {
  const names = [
    "transformer-6l-lr0.1-warmup2000-seed0",
    "transformer-12l-lr0.1-warmup2000-seed1",
    "transformer-12l-lr0.3-warmup2000-seed1",
  ];
  assert.deepEqual([...shortNames(names).values()], ["…6l-lr0.1…seed0", "…12l-lr0.1…seed1", "…12l-lr0.3…seed1"]);
  assert.deepEqual([...shortNames(names.slice(0, 2)).values()], ["…6l…seed0", "…12l…seed1"], "two that are compared too");
  assert.equal(shortNames(["a-b", "a-c", "a-d"]).size, 0, "short names too");
  const twins = ["calm-otter-and-a-long-tail-1", "1-calm-otter-and-a-long-tail", "calm-otter-and-a-long-1-tail"];
  assert.equal(shortNames(twins).size, 0, "and those that would be left with nothing, or look alike");
});
