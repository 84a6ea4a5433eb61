import assert from "node:assert/strict";
import { test } from "node:test";
import { nearNames } from "../src/model/near_names.ts";

test("names with a few other letters are near, the nearest first, and far ones are not", () => {
  const names = ["train/loss", "train/lose", "valid/loss", "lr", "throughput"];
  assert.deepEqual(nearNames("train/los", names), ["train/lose", "train/loss"]);
  assert.deepEqual(nearNames("LR", names), ["lr"]);
  assert.deepEqual(nearNames("zzzzzz", names), []);
});
