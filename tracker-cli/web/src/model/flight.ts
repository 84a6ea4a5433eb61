/** What the last steps of a training come to on a map of tensors and steps, without a browser. */
import type { Flown, Recorded } from "../data/types.ts";
import { formatNumber, numberOf } from "./format.ts";
import { oneLine } from "./safe_text.ts";

export type Quantity = "weight" | "gradient" | "change";

/** How a place of the map looks. */
export type Heat = "none" | "usual" | "twice" | "eightfold" | "far" | "gone" | "broken";

export interface FlightMap {
  /** One for each tensor and step, tensor by tensor. */
  heat: Heat[];
  /** The median of each tensor's values. */
  usual: number[];
}

/** How a value looks beside the one that is usual. */
export function heatOf(value: number | null, usual: number): Heat {
  if (value === null) return "none";
  if (!Number.isFinite(value)) return "broken";
  if (value <= usual * 1e-6) return "gone";
  const times = value / usual;
  if (times >= 64) return "far";
  if (times >= 8) return "eightfold";
  return times >= 2 ? "twice" : "usual";
}

export function valueAt(step: Flown | undefined, quantity: Quantity, tensor: number): number | null {
  const value = step?.[quantity][tensor];
  return value === undefined || value === null ? null : numberOf(value);
}

export function flightMap(recorded: Recorded, quantity: Quantity): FlightMap {
  const heat: Heat[] = [];
  const usual: number[] = [];
  for (let tensor = 0; tensor < recorded.tensors.length; tensor += 1) {
    const values = recorded.steps.map((step) => valueAt(step, quantity, tensor));
    const finite = values.filter((value): value is number => value !== null && Number.isFinite(value)).sort((one, other) => one - other);
    const median = finite[Math.floor(finite.length / 2)] ?? 0;
    usual.push(median);
    for (const value of values) heat.push(heatOf(value, median));
  }
  return { heat, usual };
}

/** What stands at a place of the map, in words. */
export function placeText(recorded: Recorded, quantity: Quantity, map: FlightMap, tensor: number, at: number): string {
  const step = recorded.steps[at];
  const name = recorded.tensors[tensor];
  if (!step || name === undefined) return "";
  const value = valueAt(step, quantity, tensor);
  const usual = map.usual[tensor] ?? 0;
  const times = value !== null && Number.isFinite(value) && usual > 0 ? `, ${formatNumber(value / usual)} × usual` : "";
  const parts = [`step ${step.step}`, oneLine(name), `${quantity} ${value === null ? "–" : formatNumber(value)}${times}`];
  if (step.batch !== null) parts.push(`batch ${step.batch}${step.epoch === null ? "" : ` of epoch ${step.epoch}`}`);
  if (step.samples.length > 0)
    parts.push(`samples ${step.samples.slice(0, 8).map(oneLine).join(", ")}${step.samples.length > 8 ? ", …" : ""}`);
  return parts.join(" · ");
}
