import assert from "node:assert/strict";
import { test } from "node:test";
import { colorScale, layerGrid, shareOf, stepsOfColumn } from "../src/model/layer_grid.ts";
import type { LayerCurve } from "../src/model/layer_grid.ts";
import { layerFamilies, titleOfFamily } from "../src/model/layers.ts";
import { viridis } from "../src/model/viridis.ts";

function curve(x: number[], y: number[], more: Partial<LayerCurve> = {}): LayerCurve {
  return { x: Float64Array.from(x), last: Float64Array.from(y), notFinite: [], ...more } as LayerCurve;
}

test("what is logged of each layer is one family, in the order of the metrics", () => {
  const metrics = ["gradients/norm", "gradients/b.1/norm", "gradients/a.2/norm", "gradients/c/norm", "gradients/c/nan", "train/loss"];
  const [family, ...more] = layerFamilies(metrics);
  assert.deepEqual(more, []);
  assert.deepEqual(
    family?.layers.map(({ name }) => name),
    ["b.1", "a.2", "c"],
  );
  assert.equal(family && titleOfFamily(family), "Gradient norm");
});

test("a model's own name stays part of its layers' names", () => {
  const [family] = layerFamilies(["updates/gan/a/ratio", "updates/gan/b/ratio", "updates/gan/c/ratio"]);
  assert.equal(family?.layers[0]?.name, "gan/a");
});

test("a few metrics of another section keep their charts, a dozen become a map", () => {
  const of = (count: number): string[] => Array.from({ length: count }, (_, at) => `test/class ${at}/accuracy`);
  assert.equal(layerFamilies(of(11)).length, 0);
  assert.equal(layerFamilies(of(12)).length, 1);
  assert.equal(layerFamilies(["gradients/a/norm", "gradients/b/norm"]).length, 0);
});

test("each point has its column, and a layer that is logged less often keeps its last value", () => {
  const grid = layerGrid([curve([0, 10, 20, 30], [1, 2, 3, 4]), curve([0, 20], [5, 6]), undefined], null);
  assert.deepEqual([grid?.rows, grid?.columns, grid?.range], [3, 4, [0, 30]]);
  assert.deepEqual([...(grid?.greatest ?? [])], [1, 2, 3, 4, 5, 5, 6, NaN, NaN, NaN, NaN, NaN]);
});

test("a jump within a column is what colours it", () => {
  const x = Array.from({ length: 4000 }, (_, at) => at);
  const y = x.map((at) => (at === 1234 ? 1000 : 1));
  const grid = layerGrid([curve(x, y)], null);
  assert.equal(grid?.columns, 400);
  assert.equal(Math.max(...(grid?.greatest ?? [])), 1000);
  assert.equal(Math.max(...(grid?.last ?? [])), 1);
});

test("values that are not finite are marked where they are, in buckets too", () => {
  const grid = layerGrid([curve([0, 1, 2, 3], [1, NaN, NaN, 2], { notFinite: [{ x: 1, lastX: 2, value: "NaN" }] as never })], null);
  assert.deepEqual([...(grid?.broken ?? [])], [0, 1, 1, 0]);
});

test("a zoom shows its steps alone, and one without points none", () => {
  const curves = [curve([0, 10, 20, 30], [1, 2, 3, 4])];
  assert.deepEqual([...(layerGrid(curves, [10, 20])?.greatest ?? [])], [2, 3]);
  assert.equal(layerGrid(curves, [11, 19]), null);
  assert.equal(layerGrid([], null), null);
  assert.deepEqual([...(layerGrid([curve([7], [1])], null)?.greatest ?? [])], [1]);
});

test("a column says for which steps it stands", () => {
  const grid = layerGrid([curve([0, 1, 2, 3], [1, 1, 1, 1])], null);
  assert.ok(grid);
  assert.deepEqual(stepsOfColumn(grid, 0), [0, 0]);
  assert.deepEqual(stepsOfColumn(grid, 3)[0], 3);
});

test("colours are on a log scale where values span decades", () => {
  assert.deepEqual(colorScale([1, 2, NaN, Infinity]), { range: [1, 2], log: false });
  assert.deepEqual(colorScale([0, 1e-6, 1]), { range: [1e-6, 1], log: true });
  assert.deepEqual(colorScale([-1, 1000])?.log, false);
  assert.deepEqual(colorScale([3, 3])?.range, [3, 6]);
  assert.equal(colorScale([NaN]), null);
  const scale = { range: [1, 100] as [number, number], log: true };
  assert.deepEqual(
    [0, 1, 10, 100, 1e9].map((value) => shareOf(value, scale)),
    [0, 0, 0.5, 1, 1],
  );
});

test("the colours go from dark to bright", () => {
  const light = (share: number): number => viridis(share).reduce((sum, part, at) => sum + part * ([0.2126, 0.7152, 0.0722][at] ?? 0), 0);
  for (let at = 0; at < 20; at += 1) assert.ok(light((at + 1) / 20) > light(at / 20));
  assert.deepEqual(viridis(0), [68, 1, 84]);
  assert.deepEqual(viridis(1), [253, 231, 37]);
});
