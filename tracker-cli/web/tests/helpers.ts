/** Runs for tests. */
import type { Run } from "../src/data/types.ts";

/** A finished run, with what the test says of it. */
export function run(fields: Partial<Run> = {}): Run {
  return {
    id: "01K1",
    short_id: "01K1",
    name: "calm-otter-7",
    project: "mnist",
    group: null,
    study: null,
    state: "finished",
    message: null,
    started_at: "2026-11-24T03:00:00Z",
    finished_at: null,
    seconds: 41.2,
    trained_seconds: 41.2,
    notes: null,
    tags: [],
    rank: null,
    ordinal: 0,
    host: "box",
    user: "ana",
    git: null,
    config: {},
    config_exact: {},
    summary: {},
    problems: 0,
    alerts: 0,
    last_alert: null,
    live: null,
    ...fields,
  };
}

/** A summary whose every value is the same. */
export function summary(value: number | "NaN"): Run["summary"][string] {
  return { last: value, min: value, max: value, best: value, count: 1, step: 1 };
}
