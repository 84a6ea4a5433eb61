import assert from "node:assert/strict";
import { test } from "node:test";
import { completeFilter } from "../src/model/filter_completion.ts";
import { parseQuery } from "../src/model/query.ts";
import { completeQuery } from "../src/model/query_completion.ts";
import { run, summary } from "./helpers.ts";

const runs = Array.from({ length: 30 }, (_, at) =>
  run({
    id: `r${at}`,
    state: at < 2 ? "failed" : "finished",
    tags: at % 2 ? ["late", "my tag"] : ["late"],
    config: { optimizer: { name: at < 20 ? "adam" : "sgd momentum", lr: 10 ** -(at % 3) }, seed: at, name: "x", 'odd"key': 1 },
    summary: { "valid/loss": summary(at / 10), "my metric": summary(1) },
  }),
);

/** What is offered at the end of a text, or where `|` stands. */
function offered(text: string): string[] {
  const caret = text.includes("|") ? text.indexOf("|") : text.length;
  return completeQuery(text.replace("|", ""), caret, runs, {}, 20).map(({ title }) => title);
}

function accepted(text: string, title: string): string {
  const found = completeQuery(text, text.length, runs, {}, 50).find((each) => each.title === title);
  assert.ok(found, `${title} is not offered after ${text}`);
  return found.text;
}

test("fields are offered by their letters: settings by path, metrics, and what every run has", () => {
  assert.deepEqual(offered("optim"), ["optimizer.lr", "optimizer.name"]);
  assert.deepEqual(offered("sta").slice(0, 2), ["state", "started"]);
  assert.deepEqual(offered("state = failed and vloss"), ["valid/loss"]);
  assert.ok(offered("(not see").includes("seed"));
  assert.ok(offered("nam").includes("config.name"), "a setting that is called as a fact of the run is spelt out");
  assert.deepEqual(offered("zzz"), []);
  assert.deepEqual(offered("/opt"), [], "a regular expression over names");
});

test("a name with spaces is quoted, and one that no search can spell is not offered", () => {
  assert.equal(accepted("my", "my metric"), '"my metric" ');
  assert.ok(!offered("").some((title) => title.startsWith("odd")));
});

test("after a field come the signs that fit what it holds, and none after words to look for", () => {
  assert.deepEqual(offered("state "), ["=", "!=", "in"]);
  assert.deepEqual(offered("diverged "), ["="]);
  assert.deepEqual(offered("started "), [">=", "<", "="]);
  assert.ok(offered("optimizer.lr ").includes("<"));
  assert.deepEqual(offered("calm otter"), []);
});

test("after a sign come the values there, each with how many runs have it", () => {
  const values = completeQuery("optimizer.name = ", 17, runs, {}, 9).map(({ title, note }) => [title, note]);
  assert.deepEqual(values, [
    ["adam", "20 runs"],
    ["sgd momentum", "10 runs"],
  ]);
  assert.equal(accepted("optimizer.name = ", "sgd momentum"), 'optimizer.name = "sgd momentum"');
  assert.equal(accepted('optimizer.name = "sg', "sgd momentum"), 'optimizer.name = "sgd momentum"');
  assert.deepEqual(offered("optimizer.lr<"), ["0.01", "0.1", "1"]);
  assert.deepEqual(offered("valid/loss > "), ["0", "1.5", "2.9"], "many numbers are told by three");
  assert.deepEqual(offered("state = ").slice(0, 2), ["finished", "failed"]);
  assert.deepEqual(offered("tag = my"), ["my tag"]);
  assert.deepEqual(offered("started >= "), ["today", "yesterday"]);
  assert.deepEqual(offered("nothing = "), []);
});

test("in a list come values, and after a comparison the words that join", () => {
  assert.deepEqual(offered("optimizer.name in (adam,s"), ["sgd momentum"]);
  assert.deepEqual(offered("optimizer.name not in ("), ["adam", "sgd momentum"]);
  assert.deepEqual(offered("seed < 3 "), ["and", "or"]);
  assert.deepEqual(offered("duration < 10 m "), ["and", "or"]);
  assert.equal(accepted("seed in (1, 2) a", "and"), "seed in (1, 2) and ");
});

test("a word within the text is completed, and the rest stays", () => {
  const [first] = completeQuery("opt = adam and seed < 3", 3, runs, {}, 1);
  assert.equal(first?.text, "optimizer.lr  = adam and seed < 3");
  assert.equal(first?.caret, "optimizer.lr ".length);
});

test("what is complete is no suggestion of itself", () => {
  assert.deepEqual(offered("state = failed"), []);
});

test("whatever is accepted can be read", () => {
  for (const text of ["", "state = failed or "]) {
    for (const field of completeQuery(text, text.length, runs, {}, 100)) {
      for (const sign of completeQuery(field.text, field.caret, runs, {}, 100).filter(({ title }) => title !== "~")) {
        for (const value of completeQuery(sign.text, sign.caret, runs, {}, 100)) {
          const whole = sign.title === "in" ? `${value.text})` : value.text;
          const read = parseQuery(whole, runs, {});
          // Words are not ordered, whoever asks.
          if (!read.ok) assert.match(read.error.message, /is not a number|is no number/, whole);
        }
      }
    }
  }
});

test("a filter of metrics is completed to sections and metrics, the last alternative alone", () => {
  const metrics = ["train/loss", "train/accuracy", "valid/loss", "lr", "a.b/c+d"];
  const titles = (text: string): string[] => completeFilter(text, text.length, metrics, 9).map(({ title }) => title);
  assert.deepEqual(titles("tra").slice(0, 2), ["train/", "train/loss"]);
  assert.deepEqual(completeFilter("lr|val", 6, metrics, 9)[0]?.text, "lr|valid/loss");
  assert.deepEqual(completeFilter("a.b", 3, metrics, 9)[0]?.text, "a\\.b/c\\+d");
  assert.deepEqual(titles(""), []);
});
