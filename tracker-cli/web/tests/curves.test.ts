import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCurves } from "../src/data/curves.ts";
import type { CurvesHeader, SeriesHeader } from "../src/data/types.ts";

/** An answer as docs/http-api.md describes it: header, spaces, and columns at multiples of 8. */
function answer(header: CurvesHeader, columns: (Float64Array | Float32Array)[], version = 1, magic = "TRKC"): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const width = (column: Float64Array | Float32Array) => Math.ceil(column.byteLength / 8) * 8;
  const bytes = new Uint8Array(16 + headerBytes + columns.reduce((sum, column) => sum + width(column), 0));
  bytes.set(new TextEncoder().encode(magic), 0);
  new DataView(bytes.buffer).setUint32(4, version, true);
  new DataView(bytes.buffer).setUint32(8, headerBytes, true);
  bytes.fill(32, 16, 16 + headerBytes);
  bytes.set(text, 16);
  let at = 16 + headerBytes;
  for (const column of columns) {
    bytes.set(new Uint8Array(column.buffer), at);
    at += width(column);
  }
  return bytes.buffer;
}

const narrow: SeriesHeader = {
  metric: "loss",
  run: "a",
  points: 3,
  total: 3000,
  exact: false,
  x: "f64",
  y: "f32",
  offset: 0,
  columns: ["x", "last", "min", "max", "smooth"],
  first_step: 0,
  last_step: 2999,
  not_finite: [{ step: 812, x: 812, last_x: 830, value: "NaN", count: 3 }],
  diverged: null,
  alerts: [],
};
const wide: SeriesHeader = {
  metric: "loss",
  run: "b",
  points: 1,
  total: 1,
  exact: true,
  x: "f32",
  y: "f64",
  offset: 24 + 4 * 16,
  columns: ["x", "last"],
  first_step: 7,
  last_step: "9007199254740993",
  not_finite: [],
  diverged: null,
  alerts: [],
};
const empty: SeriesHeader = {
  metric: "loss",
  run: "c",
  points: 0,
  total: 0,
  exact: true,
  x: "f32",
  y: "f32",
  offset: 0,
  columns: [],
  first_step: 0,
  last_step: 0,
  not_finite: [],
  diverged: null,
  alerts: [],
};
const columns = [
  new Float64Array([0, 1000, 2999]),
  new Float32Array([1, NaN, 3]),
  new Float32Array([0.5, 2, 3]),
  new Float32Array([1, 2.5, Infinity]),
  new Float32Array([1, 1, 2]),
  new Float32Array([7]),
  new Float64Array([1e300]),
];
const decoded = () => decodeCurves(answer({ series: [narrow, wide, empty], warnings: ["careful"] }, columns));

test("columns of both widths are read from where they begin", () => {
  const [a, b] = decoded().series;
  assert.deepEqual([...(a?.x ?? [])], [0, 1000, 2999]);
  assert.deepEqual([...(a?.last ?? [])], [1, NaN, 3]);
  assert.deepEqual([...(a?.min ?? [])], [0.5, 2, 3]);
  assert.deepEqual([...(a?.max ?? [])], [1, 2.5, Infinity]);
  assert.deepEqual([...(a?.smooth ?? [])], [1, 1, 2]);
  assert.deepEqual([[...(b?.x ?? [])], [...(b?.last ?? [])]], [[7], [1e300]]);
});

test("what is not finite and how much is logged come from the header", () => {
  const [a, b] = decoded().series;
  assert.deepEqual(a?.notFinite, [{ step: 812, x: 812, lastX: 830, value: "NaN", count: 3 }]);
  assert.deepEqual([a?.total, a?.exact, b?.exact, b?.lastStep], [3000, false, true, "9007199254740993"]);
});

test("an exact series has no extremes and an unsmoothed one no smooth column", () => {
  const b = decoded().series[1];
  assert.deepEqual([b?.min, b?.max, b?.smooth], [undefined, undefined, undefined]);
});

test("a run without the metric is an empty series", () => {
  const c = decoded().series[2];
  assert.deepEqual([c?.run, c?.x.length, c?.last.length], ["c", 0, 0]);
});

test("warnings are kept", () => {
  assert.deepEqual(decoded().warnings, ["careful"]);
});

test("what is no set of curves is refused by name", () => {
  assert.throws(() => decodeCurves(new ArrayBuffer(3)), /end before their header/);
  assert.throws(() => decodeCurves(answer({ series: [], warnings: [] }, [], 1, "<htm")), /not a set of curves/);
  assert.throws(() => decodeCurves(answer({ series: [], warnings: [] }, [], 2)), /version 2.*reload the page/);
});
