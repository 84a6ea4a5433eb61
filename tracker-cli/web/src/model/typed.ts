/** Values with their types: `1` is not `"1"`, and missing is not null. */
import type { Json, Typed } from "../data/types.ts";

export type Kind = Typed["kind"];

/** What kind a value is; of none at all, `missing`. */
export function kindOf(value: Json | undefined): Kind {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value as Kind;
}

/** As it would stand in a program: strings in quotation marks. */
export function typedText(value: Json | undefined): string {
  switch (kindOf(value)) {
    case "missing":
      return "–";
    case "string":
      return JSON.stringify(value);
    default:
      return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  }
}
