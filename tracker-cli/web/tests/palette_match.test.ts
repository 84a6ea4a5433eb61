import assert from "node:assert/strict";
import { test } from "node:test";
import { best, score } from "../src/model/palette_match.ts";

test("letters must come in order", () => {
  assert.equal(score("abc", "cb"), null);
  assert.notEqual(score("calm-otter-7", "co7"), null);
});

test("a whole word beats scattered letters, and nothing typed keeps the order", () => {
  const things = [{ title: "common results" }, { title: "core" }, { title: "xyz" }];
  assert.deepEqual(
    best(things, "core", 5).map(({ title }) => title),
    ["core", "common results"],
  );
  assert.deepEqual(best(things, " ", 2), things.slice(0, 2));
});
