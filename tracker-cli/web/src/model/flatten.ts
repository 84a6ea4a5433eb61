/** A config as dot paths: `{"model": {"hidden": 100}}` is `model.hidden`. Lists stay whole. */
import type { Json } from "../data/types.ts";

export type Scalar = null | boolean | number | string;

/** Every leaf with its path; a list or an empty object is a leaf, as its JSON. */
export function flatten(value: { [key: string]: Json }, prefix = ""): Map<string, Scalar> {
  const leaves = new Map<string, Scalar>();
  for (const [key, item] of Object.entries(value)) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    if (isObject(item) && Object.keys(item).length > 0) for (const [inner, leaf] of flatten(item, path)) leaves.set(inner, leaf);
    else leaves.set(path, typeof item === "object" && item !== null ? JSON.stringify(item) : item);
  }
  return leaves;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
