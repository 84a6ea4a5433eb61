import assert from "node:assert/strict";
import { test } from "node:test";
import { exportedView } from "../src/model/exported_view.ts";
import { parseView } from "../src/model/url_state.ts";

const METRICS = ["epoch", "train/loss", "valid/loss", "secret", "system/cpu"];

function exported(address: string): { metrics: string[]; charts: string[]; hidden: string[] } {
  const { view, metrics } = exportedView(parseView(new URLSearchParams(address)), METRICS);
  return { metrics, charts: view.charts, hidden: view.hidden };
}

test("hidden charts are not in the file, and not named there", () => {
  const { metrics, hidden } = exported("off=m:secret");
  assert.deepEqual(metrics, ["epoch", "train/loss", "valid/loss", "system/cpu"]);
  assert.deepEqual(hidden, []);
});

test("what the filter leaves out is not in the file, but for epochs, which are an axis everywhere", () => {
  assert.deepEqual(exported("m=loss").metrics, ["epoch", "train/loss", "valid/loss"]);
  assert.deepEqual(exported("m=valid&x=metric:train/loss").metrics, ["epoch", "train/loss", "valid/loss"]);
});

test("what a chart in sight draws is there, and its own chart stays away", () => {
  const formula = new URLSearchParams([
    ["off", "m:secret"],
    ["chart", "of=c:1&f=secret * 2"],
  ]);
  const found = exported(formula.toString());
  assert.ok(found.metrics.includes("secret"));
  assert.deepEqual(found.hidden, ["m:secret"]);
  assert.equal(found.charts.length, 1);
});

test("a hidden chart takes along neither its words nor what it draws", () => {
  const added = new URLSearchParams([
    ["off", "c:1"],
    ["off", "m:secret"],
    ["off", "m:valid/loss"],
    ["chart", "of=c:1&m=secret"],
    ["chart", "of=m:valid/loss&m=valid/loss&m=secret"],
  ]);
  assert.deepEqual(exported(added.toString()), { metrics: ["epoch", "train/loss", "system/cpu"], charts: [], hidden: [] });
});
