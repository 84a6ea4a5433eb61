import assert from "node:assert/strict";
import { test } from "node:test";
import { cellHash, cellText, nextSort, polyline, shareOfRow, shownAs } from "../src/model/media.ts";

test("a curve is drawn upwards and never out of its frame", () => {
  const points: [number, number, number | null][] = [
    [0, 0, null],
    [0.5, 1, 0.5],
    [2, -1, 0],
  ];
  assert.equal(polyline(points, 100), "0.0,100.0 50.0,0.0 100.0,100.0");
});

test("a place of a matrix is as dark as its share of what is true", () => {
  assert.equal(shareOfRow([1, 3, 0, 0], 2, 0, 1), 0.75);
  assert.equal(shareOfRow([1, 3, 0, 0], 2, 1, 0), 0);
});

test("a heading sorts upwards, downwards and not at all", () => {
  assert.equal(nextSort(null, "loss"), "loss");
  assert.equal(nextSort("loss", "loss"), "-loss");
  assert.equal(nextSort("-loss", "loss"), null);
  assert.equal(nextSort("-loss", "id"), "id");
});

test("what may hold a script is a link and never shown in place", () => {
  const file = { type: "file", sha256: "", bytes: 1 } as const;
  assert.equal(shownAs({ ...file, ext: "svg" }), "link");
  assert.equal(shownAs({ ...file, ext: "html" }), "link");
  assert.equal(shownAs({ ...file, ext: "webp" }), "image");
  assert.equal(shownAs({ ...file, ext: "mp3" }), "audio");
  assert.equal(shownAs({ ...file, ext: "webm" }), "video");
  assert.equal(shownAs({ type: "unknown" }), "link");
});

test("a cell is its text, and a picture has none", () => {
  assert.deepEqual([cellText(null), cellText(true), cellText("a\nb"), cellText({ sha256: "x" })], ["", "yes", "a b", ""]);
  assert.deepEqual([cellHash({ sha256: "x" }), cellHash("x"), cellHash(null)], ["x", null, null]);
});
