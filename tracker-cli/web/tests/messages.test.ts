import assert from "node:assert/strict";
import { test } from "node:test";
import { isWanted, messageParams, stepRange } from "../src/model/message_query.ts";

test("steps are one, a range, or a range with one end", () => {
  assert.deepEqual(stepRange("7"), { from: "7", to: "7" });
  assert.deepEqual(stepRange(" 10 - 20 "), { from: "10", to: "20" });
  assert.deepEqual(stepRange("10..20"), { from: "10", to: "20" });
  assert.deepEqual(stepRange("10-"), { from: "10", to: "" });
  assert.deepEqual(stepRange("-20"), { from: "", to: "20" });
  for (const none of ["", "-", "ten", "1-2-3", "1.5"]) assert.equal(stepRange(none), null, none);
});

test("only what is typed is asked for", () => {
  assert.equal(messageParams({ level: "", source: "", search: "", steps: "x" }).toString(), "");
  assert.equal(
    messageParams({ level: "warning", source: "output", search: "a b", steps: "-9" }).toString(),
    "level=warning&source=output&search=a+b&to=9",
  );
});

test("a report finds among what it holds as the server does", () => {
  const message = { level: "warning", source: "log", text: "Out of memory", target: "data", step: 7, fields: { file: "a.png" } };
  const all = { level: "", source: "", search: "", steps: "" };
  assert.ok(isWanted(message, all));
  assert.ok(isWanted(message, { level: "info", source: "log", search: "MEMORY", steps: "5-7" }));
  assert.ok(isWanted(message, { ...all, search: "a.png" }));
  assert.ok(!isWanted(message, { ...all, level: "error" }));
  assert.ok(!isWanted(message, { ...all, source: "panic" }));
  assert.ok(!isWanted(message, { ...all, search: "disk" }));
  assert.ok(!isWanted(message, { ...all, steps: "8-" }));
  assert.ok(!isWanted({ ...message, step: null }, { ...all, steps: "0-" }));
  assert.ok(isWanted({ ...message, step: "18446744073709551615" }, { ...all, steps: "9007199254740993-" }));
});
