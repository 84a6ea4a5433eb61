import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSize, parseSize, resized, sizeAfter, sizeNear, USUAL_SIZE } from "../src/model/chart_size.ts";
import {
  inOrder,
  MOST_PINS,
  neighbour,
  NO_PINS,
  pinnedKeys,
  withHidden,
  withMoved,
  withoutPin,
  withPin,
  withShown,
} from "../src/model/layout.ts";
import type { Layout } from "../src/model/layout.ts";
import { usualPins } from "../src/model/usual_pins.ts";

const nothing: Layout = { pins: [], hidden: [], order: [] };
const usual = ["m:train/loss", "m:valid/loss"];
const section = ["a", "b", "c", "d", "e"];

test("where nobody has pinned anything, the usual charts stand on top", () => {
  assert.deepEqual(pinnedKeys(nothing, usual), usual);
});

test("the first pin comes to the usual ones, before another chart or behind all", () => {
  assert.deepEqual(withPin(nothing, usual, "m:x").pins, [...usual, "m:x"]);
  assert.deepEqual(withPin(nothing, usual, "m:x", "m:valid/loss").pins, ["m:train/loss", "m:x", "m:valid/loss"]);
  assert.deepEqual(withPin({ ...nothing, hidden: ["m:x"] }, usual, "m:x").hidden, [], "it is seen");
});

test("who takes away the last pin has an empty top, and not the usual charts again", () => {
  const one = withoutPin(nothing, usual, "m:train/loss");
  assert.deepEqual(one.pins, ["m:valid/loss"]);
  const none = withoutPin(one, usual, "m:valid/loss");
  assert.deepEqual(none.pins, [NO_PINS]);
  assert.deepEqual(pinnedKeys(none, usual), []);
  assert.deepEqual(withPin(none, usual, "m:x").pins, ["m:x"]);
});

test("of ten thousand pins a hundred stand on top", () => {
  const pins = Array.from({ length: 10_000 }, (_, at) => `m:${at}`);
  assert.equal(pinnedKeys({ pins }, []).length, MOST_PINS);
});

test("a chart is hidden once and shown again", () => {
  const hidden = withHidden(withHidden(withHidden(nothing, "a"), "a"), "b");
  assert.deepEqual(hidden.hidden, ["a", "b"]);
  assert.deepEqual(withShown(hidden, ["a"]).hidden, ["b"]);
});

test("a moved chart names no more charts than it takes, and new ones stand where they come", () => {
  const first = withMoved(nothing, section, "d", "a");
  assert.deepEqual(first.order, ["d"]);
  assert.deepEqual(inOrder(section, first.order), ["d", "a", "b", "c", "e"]);
  assert.deepEqual(inOrder(["a", "aa", "b", "c", "d", "e"], first.order), ["d", "a", "aa", "b", "c", "e"]);
  const second = withMoved(first, section, "a", "d");
  assert.deepEqual(inOrder(section, second.order), ["a", "d", "b", "c", "e"]);
  assert.deepEqual(withMoved(second, section, "d", "e").order, [], "as it comes by itself");
});

test("every move ends where it was wanted, and leaves other sections alone", () => {
  for (const key of section)
    for (const before of [...section.filter((each) => each !== key), null]) {
      const moved = withMoved({ ...nothing, order: ["x", "c", "y"] }, section, key, before);
      const now = inOrder(section, moved.order);
      assert.deepEqual([...now].sort(), section);
      assert.equal(now[now.indexOf(key) + 1] ?? null, before, `${key} before ${before}`);
      assert.deepEqual(inOrder(["x", "y", "z"], moved.order), ["x", "y", "z"]);
    }
});

test("arrow keys go by one place and no further than the ends", () => {
  assert.equal(neighbour(section, "b", -1), "a");
  assert.equal(neighbour(section, "b", 1), "d");
  assert.equal(neighbour(section, "d", 1), null);
  assert.equal(neighbour(section, "a", -1), undefined);
  assert.equal(neighbour(section, "e", 1), undefined);
  assert.equal(neighbour(section, "not there", 1), undefined);
});

test("by itself, loss and accuracy of training and validation stand on top, at most four", () => {
  const rest = ["batch/train/loss", "system/memory", "learning_rate", "epoch_seconds", "spike"];
  const all = ["valid/accuracy", "train/accuracy", "valid/loss", "train/loss", "train/top5_loss_weight", ...rest];
  assert.deepEqual(usualPins(all), ["train/loss", "valid/loss", "train/accuracy", "valid/accuracy"]);
  assert.deepEqual(usualPins(["loss", "val_loss", ...rest]), ["loss"]);
  assert.deepEqual(usualPins(["train_loss", "val_loss", ...rest]), ["train_loss", "val_loss"]);
  assert.deepEqual(usualPins(["reward", "length", ...rest]), []);
  assert.deepEqual(usualPins(["train/loss", "valid/loss", "spike"]), [], "few are in sight anyway");
});

test("a size comes back from its word, and one that makes no sense is the usual one", () => {
  assert.deepEqual(parseSize(formatSize({ columns: 2, height: 320 })), { columns: 2, height: 320 });
  assert.deepEqual(parseSize("9x99999"), { columns: 4, height: 1000 });
  for (const word of ["", "x", "2", "-1x5", "2x-5", "ax b"]) assert.deepEqual(parseSize(word), USUAL_SIZE);
});

test("a chart grows by columns and in steps, within bounds", () => {
  assert.deepEqual(sizeNear(1.6, 333), { columns: 2, height: 340 });
  assert.deepEqual(sizeNear(-3, 2), { columns: 1, height: 120 });
  const drawn = { columns: 1.5, height: 200 };
  assert.deepEqual(resized(USUAL_SIZE, drawn, "ArrowRight"), { columns: 2, height: 0 });
  assert.deepEqual(resized(USUAL_SIZE, drawn, "ArrowLeft"), { columns: 1, height: 0 });
  assert.deepEqual(resized(USUAL_SIZE, drawn, "ArrowDown"), { columns: 0, height: 240 });
  assert.deepEqual(resized({ columns: 2, height: 0 }, drawn, "ArrowUp"), { columns: 2, height: 160 });
  assert.equal(resized(USUAL_SIZE, drawn, "Enter"), null);
  assert.deepEqual(sizeAfter(USUAL_SIZE, drawn, 1.7, 300), { columns: 0, height: 300 }, "who drags down changes no width");
  assert.deepEqual(sizeAfter(USUAL_SIZE, drawn, 2.6, 203), { columns: 3, height: 0 });
});
