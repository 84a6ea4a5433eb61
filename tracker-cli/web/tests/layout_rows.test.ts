import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsIn, placed, TRACKS, widthsOf } from "../src/model/layout_rows.ts";
import type { Block } from "../src/model/layout_rows.ts";

const block = (name: string, charts: number): Block => ({ name, own: new Array<number>(charts).fill(0) });

/** The tracks of each row, as the browser puts one section behind the other. */
function rows(blocks: readonly Block[], columns: number): number[] {
  const out: number[] = [];
  let room = 0;
  for (const { tracks } of placed(blocks, columns)) {
    if (tracks > room) {
      out.push(0);
      room = TRACKS;
    }
    out[out.length - 1] = (out.at(-1) ?? 0) + tracks;
    room -= tracks;
  }
  return out;
}

test("a window has room for one to four charts beside each other", () => {
  assert.deepEqual([200, 620, 960, 1320, 1600, 3000].map(columnsIn), [1, 2, 3, 4, 4, 4]);
});

test("sections of two charts share a row, and no row is left half empty", () => {
  for (const columns of [1, 2, 3, 4]) {
    const blocks = [2, 2, 1, 3, 2, 1, 1, 9, 2, 24].map((charts, at) => block(`s${at}`, charts));
    assert.deepEqual(
      rows(blocks, columns).filter((tracks) => tracks !== TRACKS),
      [],
      `${columns} columns`,
    );
    assert.equal(placed(blocks, columns).length, blocks.length);
  }
  const [first, second] = placed([block("train", 2), block("valid", 2)], 4);
  assert.deepEqual(
    [first, second],
    [
      { name: "train", tracks: 6, charts: [3, 3] },
      { name: "valid", tracks: 6, charts: [3, 3] },
    ],
  );
});

test("a small section is drawn up past a large one, and past none that stands alone", () => {
  const names = (blocks: readonly Block[]): string[] => placed(blocks, 4).map(({ name }) => name);
  assert.deepEqual(names([block("a", 2), block("b", 30), block("c", 2)]), ["a", "c", "b"]);
  assert.deepEqual(names([block("a", 2), { ...block("b", 3), alone: true }, block("c", 2)]), ["a", "b", "c"]);
});

test("few charts are shared out over their rows, of many the last row is left", () => {
  assert.deepEqual(widthsOf([0], 4), [12]);
  assert.deepEqual(widthsOf([0, 0], 3), [6, 6]);
  assert.deepEqual(widthsOf([0, 0, 0, 0], 3), [6, 6, 6, 6]);
  assert.deepEqual(widthsOf([0, 0, 0, 0, 0], 4), [4, 4, 4, 6, 6]);
  assert.deepEqual(widthsOf(new Array(9).fill(0), 4), new Array(9).fill(3));
});

test("a chart has the columns that somebody gave it, and others fill its row", () => {
  assert.deepEqual(widthsOf([2, 0], 4), [6, 6]);
  assert.deepEqual(widthsOf([2, 0, 0], 4), [6, 3, 3]);
  assert.deepEqual(widthsOf([4, 0, 0], 3), [12, 6, 6]);
  assert.deepEqual(widthsOf([0, 2, 0], 2), [12, 12, 12]);
  assert.deepEqual(placed([{ name: "a", own: [1] }, block("b", 2)], 4)[0], { name: "a", tracks: 3, charts: [3] });
});

test("ten thousand charts are placed at once", () => {
  const blocks = Array.from({ length: 10_000 }, (_, at) => block(`s${at}`, 1));
  assert.equal(placed(blocks, 4).length, 10_000);
});
