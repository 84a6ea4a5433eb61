import assert from "node:assert/strict";
import { test } from "node:test";
import { manyWords, tagWords, withRange, withRun } from "../src/model/selection.ts";

const ORDER = ["a", "b", "c", "d", "e"];

test("a range goes from the run that was clicked before to this one, in either direction", () => {
  assert.deepEqual([...withRange(new Set(["b"]), ORDER, "b", "d", true)], ["b", "c", "d"]);
  assert.deepEqual([...withRange(new Set(ORDER), ORDER, "d", "b", false)], ["a", "e"]);
  assert.deepEqual([...withRange(new Set(), ORDER, null, "c", true)], ["c"]);
  assert.deepEqual([...withRange(new Set(["x"]), ORDER, "gone", "c", true)], ["x", "c"]);
  assert.deepEqual([...withRun(new Set(["a"]), "a", false)], []);
});

test("tags are words with commas between them, and a sign takes one away", () => {
  assert.deepEqual(tagWords("good, -draft, +two words,, good, - old"), { add: ["good", "two words"], remove: ["draft", "old"] });
  assert.deepEqual(tagWords(" , -"), { add: [], remove: [] });
});

test("what was not done is told run by run", () => {
  const live = { name: "calm-otter", error: "the process still logs to it", hint: "stop it first" };
  assert.deepEqual(manyWords("deleted", { done: 40, not_done: 0, refused: [] }), { said: "40 runs deleted", refused: [] });
  assert.deepEqual(manyWords("deleted", { done: 37, not_done: 3, refused: [live] }), {
    said: "3 of 40 runs not deleted",
    refused: ["calm-otter: the process still logs to it — stop it first", "and 2 more"],
  });
});

test("ten thousand runs are selected at once", () => {
  const order = Array.from({ length: 10_000 }, (_, at) => `r${at}`);
  assert.equal(withRange(new Set(), order, "r0", "r9999", true).size, 10_000);
});
