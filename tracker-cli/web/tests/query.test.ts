import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../src/data/types.ts";
import { parseQuery } from "../src/model/query.ts";
import { run, summary } from "./helpers.ts";

const RUN = run({
  config: { lr: 0.001, model: { hidden: 100 }, seed: "1" },
  tags: ["baseline"],
  summary: { "valid/loss": summary(0.2), broken: summary("NaN") },
});

function matches(text: string, of: Run = RUN): boolean {
  const query = parseQuery(text);
  assert.ok(query.ok, query.ok ? "" : query.error.message);
  return query.matches(of);
}

test("bare words look in names, tags and notes, whatever their case", () => {
  assert.ok(matches("OTTER"));
  assert.ok(matches("calm base"));
  assert.ok(!matches("calm beaver"));
});

test("text between slashes is a regular expression over names", () => {
  assert.ok(matches("/^calm-.*7$/"));
  assert.ok(!matches("/^otter/"));
});

test("config and summary are compared as numbers", () => {
  assert.ok(matches("lr < 0.01 and state = finished"));
  assert.ok(matches("valid/loss < 0.3"));
  assert.ok(!matches("valid/loss >= 0.3"));
  assert.ok(matches("model.hidden = 1e2"));
  assert.ok(matches("broken = nan"));
});

test("tags and names are compared as text", () => {
  assert.ok(matches("tag = baseline"));
  assert.ok(matches("tag != other"));
  assert.ok(matches("name ~ otter"));
  assert.ok(matches("name !~ beaver"));
});

test("and binds tighter than or, and brackets tighter still", () => {
  assert.ok(matches("lr > 1 and lr > 2 or state = finished"));
  assert.ok(!matches("lr > 1 and (lr > 2 or state = finished)"));
  assert.ok(matches("not state = crashed"));
});

test("a field that a run lacks matches nothing but an inequality", () => {
  assert.ok(!matches("depth < 3"));
  assert.ok(matches("depth != 3"));
});

test("an error says where it is and how to write it", () => {
  const cases: [string, number][] = [
    ["lr <", 4],
    ["lr < abc", 5],
    ["(lr < 1", 0],
    ["name ~ (", 7],
    ["lr < 1 lr", 7],
    ['lr = "a', 5],
    ["/(/", 1],
    ["< 1", 0],
  ];
  for (const [text, position] of cases) {
    const query = parseQuery(text);
    assert.ok(!query.ok, text);
    assert.equal(query.error.position, position, `${text}: ${query.error.message}`);
    assert.notEqual(query.error.hint, "");
  }
});
