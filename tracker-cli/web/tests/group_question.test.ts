import assert from "node:assert/strict";
import { test } from "node:test";
import { groupQuestion, sharedValue, usualGroupBy, withPick } from "../src/model/group_question.ts";
import { defaultView } from "../src/model/url_state.ts";
import { run } from "./helpers.ts";

test("the question says what the view says, and leaves out what is usual", () => {
  const columns = ["name", "summary:valid/loss", "config:lr"];
  assert.equal(groupQuestion("a b", "group", defaultView(), columns, true).toString(), "project=a+b&by=group&column=valid%2Floss");
  const view = { ...defaultView(), query: "lr < 1", picks: ["x", "y"], judge: "loss", at: "30", pair: "fold" };
  const asked = groupQuestion("p", "config:lr", view, [], true);
  assert.deepEqual(
    [asked.get("q"), asked.getAll("pick"), asked.get("metric"), asked.get("at"), asked.get("pair")],
    ["lr < 1", ["x", "y"], "loss", "30", "fold"],
  );
  assert.equal(groupQuestion("p", "group", view, [], false).get("q"), null, "a search that makes no sense leaves all runs");
});

test("runs are grouped by their groups, else by the first setting that some share", () => {
  const runs = [1, 2, 3, 4].map((seed) => run({ id: `${seed}`, config: { seed, lr: seed < 3 ? 0.1 : 0.2, name: `n${seed}` } }));
  const columns = ["config:lr", "config:name", "config:seed"];
  assert.equal(usualGroupBy(runs, ["config:seed", "config:name", "config:lr"]), "config:lr");
  assert.equal(usualGroupBy([...runs, run({ group: "a" })], columns), "group");
  assert.equal(usualGroupBy([], columns), "group");
});

test("a click picks a group, and another one leaves it", () => {
  assert.deepEqual(withPick(["a"], "b"), ["a", "b"]);
  assert.deepEqual(withPick(["a", "b"], "a"), ["b"]);
});

test("a group shows what all its runs share", () => {
  const runs = [run({ config: { lr: 1, seed: 1 } }), run({ config: { lr: 1, seed: 2 } })];
  assert.deepEqual([sharedValue(runs, "config:lr"), sharedValue(runs, "config:seed"), sharedValue([], "config:lr")], [1, null, undefined]);
});
