/**
 * A config as dot paths: `{"model": {"hidden": 100}}` is `model.hidden`. The server and the command line have the
 * same paths. Maps are taken apart, and lists that hold maps or lists; a list of plain values is one value.
 */
import type { Json } from "../data/types.ts";

/** What a setting is in a table, a search or a plot. An integer that is no number of JavaScript is a `bigint`. */
export type Scalar = null | boolean | number | bigint | string;

type Settings = { [key: string]: Json };

/** Every leaf with its path. */
export function leavesOf(settings: Settings): Map<string, Json> {
  const leaves = new Map<string, Json>();
  const visit = (path: string, value: Json): void => {
    if (isObject(value) && Object.keys(value).length > 0)
      for (const [key, inner] of Object.entries(value)) visit(`${path}.${quoted(key)}`, inner);
    else if (Array.isArray(value) && value.some((item) => typeof item === "object" && item !== null))
      value.forEach((inner, at) => visit(`${path}.${at}`, inner));
    else leaves.set(path, value);
  };
  for (const [key, value] of Object.entries(settings)) visit(quoted(key), value);
  return leaves;
}

/** Every leaf as a scalar: a list or an empty object is its JSON. `exact` has what JavaScript would change. */
export function flatten(settings: Settings, exact: { [path: string]: string } = {}): Map<string, Scalar> {
  return new Map([...leavesOf(settings)].map(([path, leaf]) => [path, scalarOf(leaf, exact[path])]));
}

function scalarOf(leaf: Json, exact: string | undefined): Scalar {
  if (typeof leaf === "object" && leaf !== null) return exact ?? JSON.stringify(leaf);
  return typeof leaf === "number" && exact !== undefined && /^-?\d+$/.test(exact) ? BigInt(exact) : leaf;
}

/** A key that has a dot of its own, or is empty, is quoted, so that no two paths are the same. */
export function quoted(key: string): string {
  return key === "" || /[."]/.test(key) ? JSON.stringify(key) : key;
}

function isObject(value: Json): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
