import assert from "node:assert/strict";
import { test } from "node:test";
import { reportCharts } from "../src/model/report_charts.ts";
import { safeLines } from "../src/model/safe_text.ts";
import { sparkline } from "../src/model/sparkline.ts";
import { formatRoute, parseRoute } from "../src/model/url_state.ts";
import { run, summary } from "./helpers.ts";

test("a report has by itself the charts of which somebody said which values are better", () => {
  const metrics = [
    "train/loss",
    "valid/loss",
    "lr",
    "system/cpu",
    "batch/train/loss",
    "gradients/a/norm",
    "gradients/b/norm",
    "gradients/c/norm",
  ];
  const of = run({ summary: Object.fromEntries(metrics.map((metric) => [metric, summary(1)])) });
  const lower = { unit: null, direction: "lower" as const, display_name: null, hidden: false };
  const known = { "train/loss": lower, "valid/loss": lower, "batch/train/loss": lower, lr: { ...lower, direction: null } };
  const { all, usual } = reportCharts([of], known);
  assert.deepEqual(usual, ["valid/loss", "train/loss"]);
  assert.equal(all.length, metrics.length);
  assert.deepEqual(reportCharts([of], {}).usual, ["valid/loss", "train/loss", "lr"]);
  assert.deepEqual(reportCharts([], {}), { all: [], usual: [] });
  const hidden = reportCharts([of], { ...known, lr: { ...lower, hidden: true } });
  assert.ok(!hidden.all.includes("lr"));
});

test("a document has an address of its own, which keeps its view", () => {
  const route = parseRoute("/document", "?ylog=1");
  assert.equal(route.page, "document");
  assert.equal(formatRoute(route), "/document?ylog=1");
  assert.equal(parseRoute("/document/x", "").page, "unknown");
});

test("a small curve spans its box, and breaks where a value is not finite", () => {
  assert.equal(sparkline([0, 1], [0, 1], 12, 12), "M1.0 11.0h0L11.0 1.0");
  assert.equal(sparkline([0, 1, 2], [1, NaN, 1], 12, 12), "M1.0 6.0h0M11.0 6.0h0");
  assert.equal(sparkline([5], [1], 12, 12), "M6.0 6.0h0");
  assert.equal(sparkline([], [], 12, 12), "");
  assert.equal(sparkline([0], [NaN], 12, 12), "");
});

test("words keep their lines and lose what cannot be seen", () => {
  assert.equal(safeLines("a\u202eb\n<script>\tc"), "ab\n<script>\tc");
});
