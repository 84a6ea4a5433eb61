import assert from "node:assert/strict";
import { test } from "node:test";
import { oneLine, withoutEscapes } from "../src/model/safe_text.ts";
import { kindOf, typedText } from "../src/model/typed.ts";

test("a terminal's colours, controls and turned writing are left out", () => {
  assert.equal(oneLine("\u001b[31mred\u001b[0m\u202eexe"), "redexe");
  assert.equal(withoutEscapes("a\nb\u0000c"), "a bc");
});

test("a name of ten thousand letters is cut", () => {
  assert.equal(oneLine("x".repeat(10_000)).length, 201);
});

test("a number is not its digits, and missing is not null", () => {
  assert.notEqual(typedText(1), typedText("1"));
  assert.notEqual(typedText(undefined), typedText(null));
  assert.deepEqual([1, "1", null, undefined, [1], { a: 1 }, true].map(kindOf), [
    "number",
    "string",
    "null",
    "missing",
    "list",
    "object",
    "boolean",
  ]);
});
