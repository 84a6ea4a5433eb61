import assert from "node:assert/strict";
import { test } from "node:test";
import { pattern, PatternError } from "../src/model/pattern.ts";

/** Patterns as people search with, and texts that tell them apart. */
const PATTERNS = [
  "",
  "loss",
  "^train",
  "loss$",
  "^loss$",
  "a.c",
  "loss|acc",
  "^(valid|test)/",
  "(?:a|b)+c",
  "seed-[0-3]",
  "[^a-c]x",
  "[-a]",
  "[a-]",
  "[\\]]",
  "[\\d.]+$",
  "[\\W]",
  "\\d+",
  "\\D",
  "\\bloss\\b",
  "\\Boss",
  "\\w+\\s\\w+",
  "a*b",
  "a+b?",
  "a{2}",
  "a{2,}$",
  "^a{1,2}b",
  "a{,2}",
  "(a*)*$",
  "(a|ab)(c|bcd)(d*)",
  "x*?y",
  "x+?",
  "lr=0\\.01",
  "\\/",
  "\\x41",
  "\\u00e9",
  "^$",
  "()",
  "(|a)b",
  "(a{0,2}){2}b",
  "é",
  "^.$",
  "😀",
  "[a-zA-Z_][\\w]*",
  "\\$\\^",
  "{",
  "a{b",
  "]",
  "[^]x",
  "[]",
  "\\t",
  "(^a|b$)",
  "(a|b|)*c",
  "((a)(b(c)))",
  "a{0}b",
];
const TEXTS = [
  "",
  "a",
  "b",
  "c",
  "ab",
  "abc",
  "abcd",
  "aab",
  "aaab",
  "loss",
  "train/loss",
  "valid/loss",
  "test/acc",
  "LOSS",
  "a loss b",
  "glossy",
  "seed-2",
  "seed-7",
  "lr=0.01",
  "lr=0x01",
  "x",
  "dx",
  "xy",
  "-",
  "]",
  "1.5",
  "a b",
  "two words",
  "A",
  "é",
  "É",
  "😀",
  "a😀",
  "\n",
  "a\nc",
  "_x1",
  "$^",
  "{",
  "a{b",
  "a{,2}",
  "tab\there",
  "ax",
];

test("a pattern matches what the language's own expressions match", () => {
  for (const source of PATTERNS) {
    for (const ignoreCase of [false, true]) {
      const [ours, theirs] = [pattern(source, ignoreCase), new RegExp(source, ignoreCase ? "i" : "")];
      for (const text of TEXTS) {
        // Without their flag `u`, the language's expressions take one sign beyond 16 bits for two.
        const wanted = source === "^.$" && text === "😀" ? true : theirs.test(text);
        assert.equal(ours.test(text), wanted, `/${source}/${ignoreCase ? "i" : ""} over ${JSON.stringify(text)}`);
      }
    }
  }
});

test("what is not known is an error that says so", () => {
  for (const [source, said] of [
    ["(?=a)", "ahead"],
    ["(?!a)", "ahead"],
    ["(?<=a)b", "behind"],
    ["(?<name>a)", "naming"],
    ["(a)\\1", "once more"],
    ["\\p{L}", "not known"],
    ["(", "bracket"],
    ["a)", "bracket"],
    ["[a", "]"],
    ["[b-a]", "range"],
    ["*a", "repeats"],
    ["a**", "two signs"],
    ["a{3,2}", "more times"],
    ["a{2000}", "at most"],
    ["(a{1000}){1000}", "too long"],
    ["\\", "missing"],
    ["\\x4", "digits"],
    ["^*", "no letter"],
    ["(".repeat(500) + ")".repeat(500), "brackets"],
  ] as const) {
    assert.throws(
      () => pattern(source, false),
      (thrown) => thrown instanceof PatternError && thrown.message.includes(said),
      source,
    );
  }
});

test("what makes other matchers hang for years is answered", () => {
  for (const source of ["(a+)+$", "^(a*)*$", "(a|aa)+$", "^(a|a?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){30}a{30}$"]) {
    assert.equal(pattern(source, false).test(`${"a".repeat(2000)}!`), false, source);
  }
});
