import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Run, Value } from "../src/data/types.ts";
import { shortTimeOf, timeOf } from "../src/model/duration.ts";
import { formatNumber, numberOf } from "../src/model/format.ts";
import { isSaid, toldState } from "../src/model/told_state.ts";
import { run } from "./helpers.ts";

test("values are shown as the command line shows them", () => {
  const cases = new URL("../../../tracker-core/tests/data/shown_values.json", import.meta.url);
  for (const [value, unit, shown] of JSON.parse(readFileSync(cases, "utf8")) as [Value, string | null, string][]) {
    assert.equal(formatNumber(numberOf(value) ?? NaN, unit), shown, `${value} ${unit ?? ""}`);
  }
});

test("a unit is one line, whatever it is", () => {
  assert.equal(formatNumber(3, "\u202eimg\n/s"), "3 img /s");
});

test("a resumed run says what it trained and what passed, and a crashed one that nobody saw its end", () => {
  const end = "2026-11-24T12:00:00Z";
  const told = (fields: Partial<Run>): [string, string] => {
    const each = run({ finished_at: end, ...fields });
    return [timeOf(each), shortTimeOf(each)];
  };
  assert.deepEqual(told({ seconds: 32_400, trained_seconds: 10_800 }), ["3h of training, 9h with pauses", "3h of 9h"]);
  assert.deepEqual(told({ seconds: 32_400, trained_seconds: 32_400 }), ["ran 9h", "9h"]);
  assert.deepEqual(
    told({ seconds: 32_400.9, trained_seconds: 32_400, state: "running", finished_at: null }),
    ["for 9h", "9h"],
    "what is shown alike is said once",
  );
  assert.deepEqual(told({ seconds: 60, trained_seconds: 60, state: "crashed", finished_at: null }), ["ran 1m to its last point", "1m"]);
  assert.deepEqual(told({ seconds: null, trained_seconds: null, state: "lost", finished_at: null }), ["", ""]);
});

test("a state is told once", () => {
  for (const [state, message, told] of [
    ["stopped", "stopped by SIGTERM", "stopped by SIGTERM"],
    ["failed", "failed", "failed"],
    ["failed", "failed_over twice", "failed: failed_over twice"],
    ["finished", "stopped early", "finished: stopped early"],
    ["failed", "out of memory", "failed: out of memory"],
    ["crashed", null, "crashed"],
  ] as const) {
    assert.equal(toldState(run({ state, message })), told);
  }
  assert.equal(isSaid(run({ state: "stopped", message: "stopped by SIGTERM" })), true);
});
