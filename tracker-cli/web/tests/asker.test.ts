import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Asker } from "../src/data/asker.ts";

function asked(milliseconds: number): { questions: string[]; told: (string | null)[]; asker: Asker<string> } {
  const questions: string[] = [];
  const told: (string | null)[] = [];
  const ask = async (question: string): Promise<string> => {
    questions.push(question);
    await sleep(milliseconds);
    if (question === "wrong") throw new Error("no");
    return `${question} ${questions.length}`;
  };
  return { questions, told, asker: new Asker(ask, (answer) => told.push(answer), 5) };
}

test("an answer that takes longer than changes come is told, and then asked for once more", async () => {
  const { questions, told, asker } = asked(40);
  for (let change = 0; change < 6; change += 1) {
    asker.want("a");
    await sleep(5);
  }
  await sleep(200);
  assert.deepEqual(
    [questions, told],
    [
      ["a", "a"],
      ["a 1", "a 2"],
    ],
  );
  asker.stop();
});

test("the answer to a question that nobody has any more is dropped", async () => {
  const { told, asker } = asked(20);
  asker.want("a");
  await sleep(5);
  asker.want("b");
  await sleep(60);
  assert.deepEqual(told, ["b 2"]);
  asker.want("c");
  await sleep(5);
  asker.stop();
  await sleep(60);
  assert.deepEqual(told, ["b 2"]);
});

test("a refusal is told, and asked about again only after a change", async () => {
  const { questions, told, asker } = asked(1);
  asker.want("wrong");
  await sleep(40);
  assert.deepEqual([questions, told], [["wrong"], [null]]);
  asker.want("wrong");
  await sleep(60);
  assert.equal(questions.length, 2);
});
