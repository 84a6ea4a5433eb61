import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Asker } from "../src/data/asker.ts";

/** A question on its way. */
interface Flight {
  question: string;
  land(answer: string): void;
  fail(): void;
}

/** An asker whose questions are answered by hand. */
function byHand(): { flights: Flight[]; told: (string | null)[]; asker: Asker<string> } {
  const flights: Flight[] = [];
  const told: (string | null)[] = [];
  const ask = (question: string): Promise<string> =>
    new Promise((land, refuse) => flights.push({ question, land, fail: () => refuse(new Error("no")) }));
  return { flights, told, asker: new Asker(ask, (answer) => told.push(answer), 0) };
}

/** Waits, however long the machine takes. */
async function until(is: () => boolean): Promise<void> {
  while (!is()) await sleep(1);
}

test("an answer that takes longer than changes come is told, and then asked for once more", async () => {
  const { flights, told, asker } = byHand();
  asker.want("a");
  await until(() => flights.length === 1);
  for (let change = 0; change < 5; change += 1) asker.want("a");
  await sleep(10);
  assert.equal(flights.length, 1, "one at a time");
  flights[0]?.land("first");
  await until(() => flights.length === 2);
  flights[1]?.land("second");
  await until(() => told.length === 2);
  assert.deepEqual(told, ["first", "second"]);
  asker.stop();
});

test("the answer to a question that nobody has any more is dropped", async () => {
  const { flights, told, asker } = byHand();
  asker.want("a");
  await until(() => flights.length === 1);
  asker.want("b");
  await until(() => flights.length === 2);
  flights[0]?.land("of a");
  flights[1]?.land("of b");
  await until(() => told.length === 1);
  asker.want("c");
  await until(() => flights.length === 3);
  asker.stop();
  flights[2]?.land("of c");
  await sleep(10);
  assert.deepEqual(told, ["of b"]);
});

test("a refusal is told, and asked about again only after a change", async () => {
  const { flights, told, asker } = byHand();
  asker.want("wrong");
  await until(() => flights.length === 1);
  flights[0]?.fail();
  await until(() => told.length === 1);
  await sleep(10);
  assert.deepEqual([told, flights.length], [[null], 1]);
  asker.want("wrong");
  await until(() => flights.length === 2);
  asker.stop();
});
