import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../src/data/types.ts";
import { drawnIds, eyeOf, NEWEST, withEyes, withWholeGroups } from "../src/model/drawn.ts";
import { run } from "./helpers.ts";

const runs = Array.from(
  { length: 30 },
  (_, at) => ({ id: `r${at}`, started_at: `2026-01-01T00:00:${String(at).padStart(2, "0")}Z` }) as Run,
);
const choice = { draw: "newest" as const, show: [], hide: [] };

test("the newest runs are drawn at first, however the list is sorted", () => {
  const ids = drawnIds(runs, choice);
  assert.equal(ids.size, NEWEST);
  assert.ok(ids.has("r29") && ids.has("r20") && !ids.has("r19"));
});

test("an eye opened or closed by hand wins, and can be turned back", () => {
  const opened = { ...choice, ...withEyes(choice, ["r0"], true) };
  assert.ok(drawnIds(runs, opened).has("r0"));
  const closed = { ...opened, ...withEyes(opened, ["r0", "r29"], false) };
  assert.ok(!drawnIds(runs, closed).has("r0") && !drawnIds(runs, closed).has("r29"));
  assert.deepEqual({ ...closed, ...withEyes(closed, ["r29"], true) }, { draw: "newest", show: ["r29"], hide: ["r0"] });
});

test("a run that the search does not leave is not drawn, whatever its eye says", () => {
  assert.equal(drawnIds(runs.slice(0, 3), { draw: "none", show: ["r29"], hide: [] }).size, 0);
  assert.equal(drawnIds(runs, { draw: "all", show: [], hide: ["r1"] }).size, 29);
});

test("where groups are averaged, a group is drawn with all its runs, and an eye is that of the group", () => {
  const seeds = ["a0", "a1", "b0"].map((id) => run({ id, group: id[0] ?? null }));
  assert.deepEqual([...withWholeGroups(seeds, new Set(["a1"]), "group")], ["a0", "a1"]);
  assert.equal(withWholeGroups(seeds, new Set(), "group").size, 0);
  const [first] = seeds;
  assert.ok(first);
  assert.deepEqual(eyeOf(first, seeds, { grouped: true, groupBy: "group" }), ["a0", "a1"]);
  assert.deepEqual(eyeOf(first, seeds, { grouped: false, groupBy: "group" }), ["a0"]);
});
