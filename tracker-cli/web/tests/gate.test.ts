import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "../src/chart/gate.ts";

/** A task that ends when it is told to. */
function task(started: string[], name: string): { run: () => Promise<string>; end: () => void } {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => { end = resolve; });
  return { run: async () => { started.push(name); await ended; return name; }, end };
}

const turn = () => new Promise((resolve) => { setImmediate(resolve); });

test("no more tasks run at a time than there is room for, and the others follow in order", async () => {
  const [gate, started, signal] = [new Gate(2), [] as string[], new AbortController().signal];
  const tasks = ["a", "b", "c", "d"].map((name) => task(started, name));
  const all = Promise.all(tasks.map(({ run }) => gate.run(run, signal)));
  await turn();
  assert.deepEqual(started, ["a", "b"]);
  tasks[1]?.end();
  await turn();
  assert.deepEqual(started, ["a", "b", "c"]);
  for (const { end } of tasks) end();
  assert.deepEqual(await all, ["a", "b", "c", "d"]);
});

test("a task that is aborted while it waits never starts and makes room", async () => {
  const [gate, started] = [new Gate(1), [] as string[]];
  const [first, second, third] = [task(started, "a"), task(started, "b"), task(started, "c")];
  const aborted = new AbortController();
  const one = gate.run(first.run, new AbortController().signal);
  const two = gate.run(second.run, aborted.signal);
  const three = gate.run(third.run, new AbortController().signal);
  aborted.abort();
  first.end();
  third.end();
  await one;
  await assert.rejects(two);
  assert.equal(await three, "c");
  assert.deepEqual(started, ["a", "c"]);
});

test("a task that fails makes room", async () => {
  const [gate, signal] = [new Gate(1), new AbortController().signal];
  await assert.rejects(gate.run(() => Promise.reject(new Error("gone")), signal), /gone/);
  assert.equal(await gate.run(() => Promise.resolve(3), signal), 3);
});
