import assert from "node:assert/strict";
import { test } from "node:test";
import { pairOf } from "../src/model/pair.ts";

const known = new Set(["train/loss", "valid/loss", "val_acc", "training_acc", "loss.train", "loss.eval", "trainer/loss"]);

test("training and validation find each other, both ways and wherever the word stands", () => {
  assert.equal(pairOf("train/loss", known), "valid/loss");
  assert.equal(pairOf("valid/loss", known), "train/loss");
  assert.equal(pairOf("val_acc", known), "training_acc");
  assert.equal(pairOf("loss.train", known), "loss.eval");
});

test("a metric that only begins like one of training, or whose pair was not logged, has none", () => {
  assert.equal(pairOf("trainer/loss", known), null);
  assert.equal(pairOf("train/accuracy", known), null);
});
