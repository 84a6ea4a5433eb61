import assert from "node:assert/strict";
import { test } from "node:test";
import { CurveQueue } from "../src/chart/curve_queue.ts";
import type { Wanted } from "../src/chart/curve_queue.ts";
import type { CurveRequest, Curves, Series } from "../src/data/curves.ts";

interface Sent {
  request: CurveRequest;
  signal: AbortSignal;
  answer(): void;
  fail(): void;
}

/** A server that answers when it is told to. */
function server(): { sent: Sent[]; fetch: (request: CurveRequest, signal: AbortSignal) => Promise<Curves> } {
  const sent: Sent[] = [];
  const fetch = (request: CurveRequest, signal: AbortSignal) =>
    new Promise<Curves>((resolve, reject) => {
      const series = request.metrics.flatMap((metric) => request.runs.map((run) => ({ metric, run }) as Series));
      sent.push({ request, signal, answer: () => resolve({ series, warnings: ["careful"] }), fail: () => reject(new Error("gone")) });
    });
  return { sent, fetch };
}

const turn = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
const forever = new AbortController().signal;
const wanted = (metric: string, runs = ["a", "b"], more: Partial<Wanted> = {}): Wanted => ({
  metric,
  runs,
  x: "step",
  buckets: 1500,
  ...more,
});
const metrics = ({ sent }: { sent: Sent[] }) => sent.map(({ request }) => request.metrics.join());

test("metrics of one turn that want the same share a request, and each gets its own curves", async () => {
  const peer = server();
  const queue = new CurveQueue(peer.fetch);
  const answers = Promise.all(["loss", "accuracy", "loss"].map((metric) => queue.ask(wanted(metric), forever)));
  await turn();
  assert.deepEqual(
    peer.sent.map(({ request }) => request),
    [{ metrics: ["loss", "accuracy"], runs: ["a", "b"], x: "step", buckets: 1500 }],
  );
  peer.sent[0]?.answer();
  const names = (await answers).map(({ series, warnings }) => [...series.map(({ metric, run }) => `${metric} ${run}`), ...warnings].join());
  assert.deepEqual(names, ["loss a,loss b,careful", "accuracy a,accuracy b,careful", "loss a,loss b,careful"]);
});

test("other runs, steps, axes or averages are requests of their own", async () => {
  const peer = server();
  const queue = new CurveQueue(peer.fetch, 9);
  for (const more of [{}, { x: "wall" }, { from: 3 }, { smooth: 0.5 }, { buckets: 300 }])
    void queue.ask(wanted("loss", ["a"], more), forever);
  void queue.ask(wanted("loss", ["b"]), forever);
  await turn();
  assert.equal(peer.sent.length, 6);
});

test("a request has up to a hundred curves", async () => {
  const peer = server();
  const queue = new CurveQueue(peer.fetch);
  const runs = Array.from({ length: 40 }, (_, at) => `run ${at}`);
  for (const metric of ["a", "b", "c", "d", "e"]) void queue.ask(wanted(metric, runs), forever);
  await turn();
  assert.deepEqual(metrics(peer), ["a,b", "c,d", "e"]);
});

test("no more requests are on the way than connections are free, and the others are joined while they wait", async () => {
  const peer = server();
  const queue = new CurveQueue(peer.fetch, 1);
  void queue.ask(wanted("a"), forever);
  await turn();
  void queue.ask(wanted("b"), forever);
  await turn();
  void queue.ask(wanted("c"), forever);
  await turn();
  assert.deepEqual(metrics(peer), ["a"]);
  peer.sent[0]?.answer();
  await turn();
  assert.deepEqual(metrics(peer), ["a", "b,c"]);
});

test("who leaves while waiting is not asked for", async () => {
  const peer = server();
  const queue = new CurveQueue(peer.fetch, 1);
  void queue.ask(wanted("a"), forever);
  await turn();
  const leaving = new AbortController();
  const left = queue.ask(wanted("b"), leaving.signal);
  void queue.ask(wanted("c"), forever);
  leaving.abort();
  await assert.rejects(left);
  peer.sent[0]?.answer();
  await turn();
  assert.deepEqual(metrics(peer), ["a", "c"]);
});

test("a request is given up when the last one leaves it", async () => {
  const peer = server();
  const queue = new CurveQueue(peer.fetch);
  const [one, other] = [new AbortController(), new AbortController()];
  const asked = [queue.ask(wanted("a"), one.signal), queue.ask(wanted("b"), other.signal)];
  await turn();
  one.abort();
  assert.equal(peer.sent[0]?.signal.aborted, false);
  other.abort();
  assert.equal(peer.sent[0]?.signal.aborted, true);
  await assert.rejects(asked[0] as Promise<Curves>);
  await assert.rejects(asked[1] as Promise<Curves>);
});

test("a failure reaches all who shared it and makes room for the next", async () => {
  const peer = server();
  const queue = new CurveQueue(peer.fetch, 1);
  const asked = [queue.ask(wanted("a"), forever), queue.ask(wanted("b"), forever)];
  await turn();
  peer.sent[0]?.fail();
  for (const each of asked) await assert.rejects(each, /gone/);
  void queue.ask(wanted("c"), forever);
  await turn();
  assert.deepEqual(metrics(peer), ["a,b", "c"]);
});
