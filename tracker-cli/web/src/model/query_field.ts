/** What runs are found by: facts of their own, settings and metrics. */
import type { Definitions, Run } from "../data/types.ts";
import { configOf, summaryOf, valueOf } from "./column.ts";
import { quoted } from "./flatten.ts";
import type { Scalar } from "./flatten.ts";
import { near } from "./near.ts";
import { QueryFailure } from "./query_token.ts";

/** What a field holds in every run. */
export type Holds = "text" | "state" | "time" | "seconds" | "number" | "flag" | "anything" | "fraction";

export interface Field {
  name: string;
  holds: Holds;
  values(run: Run): Scalar[];
}

/** The fields that any of some runs has. */
export interface KnownFields {
  hasRuns: boolean;
  settings: ReadonlySet<string>;
  metrics: ReadonlySet<string>;
  definitions: Definitions;
}

export const OWN: ReadonlyMap<string, Holds> = new Map([
  ["name", "text"],
  ["id", "text"],
  ["project", "text"],
  ["state", "state"],
  ["group", "text"],
  ["tag", "text"],
  ["tags", "text"],
  ["notes", "text"],
  ["started", "time"],
  ["finished", "time"],
  ["duration", "seconds"],
  ["seconds", "seconds"],
  ["age", "seconds"],
  ["alerts", "number"],
  ["diverged", "flag"],
  ["host", "text"],
  ["user", "text"],
  ["branch", "text"],
  ["commit", "text"],
  ["message", "text"],
]);

const known = new WeakMap<readonly Run[], KnownFields>();

/** The fields that any of these runs has; computed once a list, as it is asked for at each key press. */
export function knownFields(runs: readonly Run[], definitions: Definitions): KnownFields {
  const before = known.get(runs);
  if (before?.definitions === definitions) return before;
  const settings = new Set<string>();
  const metrics = new Set<string>();
  for (const run of runs) {
    for (const path of configOf(run).keys()) settings.add(path);
    for (const metric of Object.keys(run.summary)) metrics.add(metric);
  }
  const fields = { hasRuns: runs.length > 0, settings, metrics, definitions };
  known.set(runs, fields);
  return fields;
}

/** The field of a name, and what else the name may mean. */
export function findField(name: string, at: number, fields: KnownFields): { field: Field; note: string | null } {
  const below = (kind: string): string | null =>
    /^[.:]/.test(name.slice(kind.length)) && name.startsWith(kind) ? name.slice(kind.length + 1) : null;
  const path = below("config");
  const meant = (path !== null && setting(path, fields)) || metricBelow(below("summary"), fields);
  if (meant) return { field: meant, note: null };
  const found = [own(name), setting(name, fields), metric(name, fields)].filter((field) => field !== null);
  const [field, other] = found;
  if (field) return { field, note: other ? taken(field, other === found.at(-1) && fields.metrics.has(name) ? "metric" : "setting") : null };
  if (!fields.hasRuns) return { field: { name, holds: "anything", values: () => [] }, note: null };
  throw unknown(name, at, fields);
}

function metricBelow(name: string | null, fields: KnownFields): Field | null {
  return name === null ? null : metric(name, fields);
}

function own(name: string): Field | null {
  const holds = OWN.get(name);
  return holds ? { name, holds, values: (run) => ownValues(run, name) } : null;
}

function ownValues(run: Run, name: string): Scalar[] {
  if (name === "tag" || name === "tags") return run.tags;
  const value = ownValue(run, name);
  return value === undefined || value === null ? [] : [value];
}

function ownValue(run: Run, name: string): Scalar | undefined {
  switch (name) {
    case "duration":
      return run.seconds;
    case "age":
      return (Date.now() - Date.parse(run.started_at)) / 1000;
    case "finished":
      return run.finished_at;
    case "message":
      return run.message;
    default:
      return valueOf(run, name);
  }
}

function setting(path: string, fields: KnownFields): Field | null {
  const name = [path, quoted(path)].find((each) => fields.settings.has(each));
  if (name === undefined) return null;
  const value = (run: Run): Scalar | undefined => configOf(run).get(name);
  return { name, holds: "anything", values: (run) => [value(run)].filter((each) => each !== undefined) };
}

function metric(name: string, fields: KnownFields): Field | null {
  if (!fields.metrics.has(name)) return null;
  const holds = fields.definitions[name]?.unit === "%" ? "fraction" : "anything";
  return { name, holds, values: (run) => [summaryOf(run, name)].filter((value) => value !== null) };
}

/** Says which of two fields of one name was taken. */
function taken({ name }: Field, other: "metric" | "setting"): string {
  const is = OWN.has(name) ? "the run's own" : "the setting";
  return `\`${name}\` is ${is} here; there is a ${other} of that name too: write ${other === "metric" ? "summary" : "config"}.${name}`;
}

function unknown(name: string, at: number, fields: KnownFields): QueryFailure {
  const meant = name.replace(/^(config|summary)[.:]/, "");
  const listed = (names: string[]): string => names.map((each) => `\`${each}\``).join(", ");
  const others = [...[...fields.settings].sort(), ...[...fields.metrics].sort()];
  const nearest = near(meant, [...OWN.keys(), ...others]);
  const hint = nearest.length > 0 ? `did you mean ${listed(nearest)}?` : `they have for example ${listed(others.slice(0, 6))}`;
  const none = "write one of the run's own, such as name, state, tag or started";
  return new QueryFailure(`no run has \`${name}\``, nearest.length === 0 && others.length === 0 ? none : hint, at);
}
