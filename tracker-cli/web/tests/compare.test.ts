import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../src/data/types.ts";
import { bestGroups, groupRows, statOf } from "../src/model/group_stats.ts";

function run(id: string, group: string | null, last: number | "NaN"): Run {
  return {
    id,
    group,
    tags: [],
    config: {},
    summary: { "valid/loss": { last, best: null, min: null, max: null, count: 1, step: 1 } },
  } as unknown as Run;
}

test("groups have the mean and the deviation of a sample, and NaN is left out", () => {
  const rows = groupRows([run("a", "x", 1), run("b", "x", 3), run("c", "y", 5), run("d", "y", "NaN"), run("e", null, "NaN")], "group", [
    "valid/loss",
  ]);
  assert.deepEqual(
    rows.map(({ group, runs }) => [group, runs.length]),
    [
      ["x", 2],
      ["y", 2],
      ["none", 1],
    ],
  );
  assert.deepEqual(rows[0]?.stats.get("valid/loss"), { mean: 2, std: Math.SQRT2, runs: 2 });
  assert.deepEqual(rows[1]?.stats.get("valid/loss"), { mean: 5, std: null, runs: 1 });
  assert.equal(rows[2]?.stats.size, 0);
  assert.equal(statOf([]), null);
});

test("the best group follows the metric's direction", () => {
  const rows = groupRows([run("a", "x", 1), run("c", "y", 5)], "group", ["valid/loss"]);
  const known = (direction: "lower" | "higher" | null) => ({ "valid/loss": { unit: null, direction, display_name: null, hidden: false } });
  assert.deepEqual([...bestGroups(rows, "valid/loss", known("lower"))], ["x"]);
  assert.deepEqual([...bestGroups(rows, "valid/loss", known("higher"))], ["y"]);
  assert.equal(bestGroups(rows, "valid/loss", known(null)).size, 0);
});
