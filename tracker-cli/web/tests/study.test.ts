import assert from "node:assert/strict";
import { test } from "node:test";
import type { StudyDetail, StudyParameter, StudyTrial } from "../src/data/types.ts";
import {
  askFrom,
  bestSoFar,
  byImportance,
  frontLine,
  isLogLike,
  isOver,
  joined,
  paramsText,
  placeOf,
  sorted,
  usualPair,
  valueOfTrial,
  whenText,
} from "../src/model/study.ts";
import type { Study } from "../src/model/study.ts";
import { meanAt } from "../src/model/surface.ts";
import { formatRoute, parseRoute } from "../src/model/url_state.ts";

const LR: StudyParameter = { name: "lr", kind: "float", low: 1e-4, high: 1, log: true, step: null, choices: [], disabled: [], when: [] };
const ACT: StudyParameter = { ...LR, name: "act", kind: "choice", low: null, high: null, log: false, choices: ["relu", "gelu", 2] };
const ALPHA: StudyParameter = { ...LR, name: "alpha", low: 0, high: 1, log: false, when: [{ parameter: "act", values: ["gelu", 2] }] };
const ACCURACY = { name: "accuracy", goal: "maximize", value: "best" } as const;

function trial(number: number, state: StudyTrial["state"], values: StudyTrial["values"], more: Partial<StudyTrial> = {}): StudyTrial {
  const usual = { params: {}, on_the_way: [], reported: 0, run: null, started_at: null, ended_at: null, diverged: false };
  return { ...usual, number, state, values, ...more };
}

function study(all: StudyTrial[], more: Partial<Study> = {}): Study {
  const count = (state: string): number => all.filter((each) => each.state === state).length;
  const trials = {
    all: all.length,
    waiting: count("waiting"),
    running: count("running"),
    complete: count("complete"),
    pruned: count("pruned"),
    failed: count("failed"),
  };
  return {
    project: "p",
    name: "s",
    method: "auto",
    metrics: [ACCURACY],
    run_cap: 5,
    trials,
    asked_to_stop: false,
    best: null,
    best_values: [],
    best_params: {},
    front: 0,
    early_terminate: null,
    revision: 1,
    parameters: [LR, ACT, ALPHA],
    importance: [],
    front_trials: [],
    warnings: [],
    all,
    ...more,
  };
}

function answer(from: number, listed: StudyTrial[], all: number): StudyDetail {
  const { all: _, ...told } = study(listed);
  return { ...told, trials: { ...told.trials, all }, from, listed };
}

test("trials that have ended are not asked for again, and others are put in their place", () => {
  const first = joined(null, answer(0, [trial(0, "complete", [1]), trial(1, "running", []), trial(2, "complete", [2])], 3));
  assert.equal(askFrom(null), 0);
  assert.equal(askFrom(first), 1);
  const next = joined(first, answer(1, [trial(1, "complete", [3]), trial(2, "complete", [2]), trial(3, "pruned", [])], 4));
  assert.deepEqual(
    next.all.map(({ number, state }) => `${number} ${state}`),
    ["0 complete", "1 complete", "2 complete", "3 pruned"],
  );
  assert.equal(askFrom(next), 4);
  assert.deepEqual(joined(next, answer(0, [trial(0, "running", [])], 1)).all.length, 1, "a study that was begun anew");
});

test("the line of the best so far goes up in steps, over complete trials alone", () => {
  const trials = [
    trial(0, "failed", []),
    trial(1, "complete", [0.5]),
    trial(2, "complete", [0.4]),
    trial(3, "pruned", [], { on_the_way: [[1, 0.9]] }),
    trial(4, "complete", [0.7]),
    trial(5, "complete", ["NaN"]),
  ];
  assert.deepEqual(bestSoFar(trials, ACCURACY, 0), [
    { x: 1, y: 0.5 },
    { x: 4, y: 0.5 },
    { x: 4, y: 0.7 },
    { x: 5, y: 0.7 },
  ]);
  assert.equal(bestSoFar(trials, { ...ACCURACY, goal: "minimize" }, 0)[2]?.y, 0.4);
  assert.deepEqual(bestSoFar([], ACCURACY, 0), []);
  assert.equal(valueOfTrial(trials[3] as StudyTrial, 0), 0.9);
  assert.ok(Number.isNaN(valueOfTrial(trials[0] as StudyTrial, 0)));
});

test("the line of the front has its corners where nobody has been", () => {
  const loss = { name: "loss", goal: "minimize", value: "last" } as const;
  const trials = [trial(0, "complete", [1, 10]), trial(1, "complete", [3, 30]), trial(2, "complete", [2, 5])];
  assert.deepEqual(frontLine(trials, [0, 1], [loss, ACCURACY]), [
    { x: 1, y: 10 },
    { x: 3, y: 10 },
    { x: 3, y: 30 },
  ]);
  const up = [trial(0, "complete", [1, 30]), trial(1, "complete", [3, 10])];
  assert.deepEqual(frontLine(up, [0, 1], [ACCURACY, ACCURACY]), [
    { x: 1, y: 30 },
    { x: 1, y: 10 },
    { x: 3, y: 10 },
  ]);
});

test("values of parameters have places and words", () => {
  assert.equal(placeOf(ACT, "gelu"), 1);
  assert.equal(placeOf(ACT, 2), 2);
  assert.equal(placeOf(ACT, "2"), null);
  assert.equal(placeOf(LR, 0.01), 0.01);
  assert.equal(placeOf(LR, undefined), null);
  assert.equal(whenText(ALPHA), "if act is gelu or 2");
  assert.equal(paramsText([LR, ACT, ALPHA], { act: "relu\u202e", lr: 0.1 }), "lr 0.1, act relu");
});

test("the table is sorted by any column, and what has no value is last", () => {
  const trials = [
    trial(0, "pruned", [], { params: { lr: 0.1, act: "gelu" } }),
    trial(1, "complete", [0.9], { params: { lr: 0.01, act: "relu" } }),
    trial(2, "failed", [], { params: { lr: 1 } }),
    trial(3, "complete", [0.8], { params: { act: 2 }, started_at: "2026-01-01T00:00:00Z", ended_at: "2026-01-01T00:00:10Z" }),
  ];
  const order = (column: string, down = false): number[] => sorted(study(trials), column, down).map(({ number }) => number);
  assert.deepEqual(order("number", true), [3, 2, 1, 0]);
  assert.deepEqual(order("value:0", true), [1, 3, 0, 2]);
  assert.deepEqual(order("value:0"), [3, 1, 0, 2]);
  assert.deepEqual(order("param:lr"), [1, 0, 2, 3]);
  assert.deepEqual(order("param:act", true), [3, 0, 1, 2]);
  assert.deepEqual(order("seconds"), [3, 0, 1, 2]);
  assert.deepEqual(order("state"), [1, 3, 0, 2]);
});

test("what matters most is drawn first", () => {
  const shares = [
    { parameter: "alpha", share: 0.6 },
    { parameter: "act", share: 0.4 },
  ];
  const told = study([], { importance: [{ metric: "accuracy", shares, trials: 50, best: 5 }] });
  assert.deepEqual(
    byImportance(told, 0).map(({ name }) => name),
    ["alpha", "act", "lr"],
  );
  assert.deepEqual(usualPair(told, 0), ["alpha", "act"]);
  assert.equal(usualPair(study([], { parameters: [LR] }), 0), null);
});

test("a study is over when nothing is open and nothing more comes", () => {
  const complete = Array.from({ length: 5 }, (_, number) => trial(number, "complete", [1]));
  assert.ok(isOver(study(complete)));
  assert.ok(!isOver(study(complete.slice(1))));
  assert.ok(!isOver(study(complete, { run_cap: null })));
  assert.ok(isOver(study([], { run_cap: null, asked_to_stop: true })));
  assert.ok(!isOver(study([...complete, trial(5, "running", [])])));
});

test("values of many orders above 0 are read on a log scale", () => {
  assert.ok(isLogLike([0.01, 1, NaN, Infinity]));
  assert.ok(!isLogLike([0, 1]));
  assert.ok(!isLogLike([0.5, 1]));
  assert.ok(!isLogLike([]));
});

test("between its values a surface is in proportion, and choices have fields", () => {
  const surface = {
    metric: "accuracy",
    x: "lr",
    y: "act",
    x_values: [1e-4, 1e-2, 1],
    y_values: ["relu", "gelu"],
    means: [
      [0, 2, 4],
      [10, null, 30],
    ],
    around: {},
  };
  const mean = meanAt(surface, { x: LR, y: { ...ACT, choices: ["relu", "gelu"] } }, [
    { range: [1e-4, 1], log: true },
    { range: [-0.5, 1.5], log: false },
  ]);
  assert.equal(mean(0, 0.1), 0);
  assert.ok(Math.abs(mean(0.25, 0.4) - 1) < 1e-9);
  assert.equal(mean(1, 0.49), 4);
  assert.equal(mean(1, 0.51), 30);
  assert.ok(Number.isNaN(mean(0.6, 0.9)));
});

test("a study has an address of its own", () => {
  const route = parseRoute("/p/my%20project/s/a%2Fb", "?up=alpha");
  assert.ok(route.page === "study" && route.project === "my project" && route.study === "a/b" && route.view.up === "alpha");
  assert.equal(formatRoute(route), "/p/my%20project/s/a%2Fb?up=alpha");
  assert.equal(parseRoute("/p/a/s", "").page, "unknown");
  assert.equal(parseRoute("/p/a/s/b/c", "").page, "unknown");
  assert.equal(parseRoute("/p/a/s/%ff", "").page, "unknown");
  assert.equal(parseRoute("/p/s", "").page, "project");
});
