/** Which messages of a run are asked for, as typed. */

export interface MessageQuery {
  /** The least level; all if empty. */
  level: string;
  /** By what way they came; by any if empty. */
  source: string;
  search: string;
  /** `100`, `100-200`, `100-` or `-200`. */
  steps: string;
}

export const LEVELS = ["trace", "debug", "info", "warning", "error"] as const;

export const SOURCES = ["output", "log", "tracing", "panic", "run"] as const;

/** The first and last step of a range as typed; null if it is none, or nothing is typed. */
export function stepRange(typed: string): { from: string; to: string } | null {
  const found = /^\s*(\d*)\s*(?:(-|–|\.\.)\s*(\d*))?\s*$/.exec(typed);
  if (!found) return null;
  const [, from = "", dash, to = ""] = found;
  if (from === "" && to === "") return null;
  return { from, to: dash ? to : from };
}

/** The parameters of the question. What is no range of steps is not asked for. */
export function messageParams({ level, source, search, steps }: MessageQuery): URLSearchParams {
  const params = new URLSearchParams();
  if (level) params.set("level", level);
  if (source) params.set("source", source);
  if (search) params.set("search", search);
  const range = stepRange(steps);
  if (range?.from) params.set("from", range.from);
  if (range?.to) params.set("to", range.to);
  return params;
}

interface Sayable {
  level: string;
  source: string;
  text: string;
  target: string;
  step: number | string | null;
  fields: { [name: string]: unknown };
}

/** Whether a message is asked for, where no server answers. */
export function isWanted(message: Sayable, { level, source, search, steps }: MessageQuery): boolean {
  const rank = (name: string): number => LEVELS.findIndex((known) => known === name);
  if (level && rank(message.level) < rank(level)) return false;
  if (source && message.source !== source) return false;
  const words = [message.text, message.target, ...Object.entries(message.fields).flat().map(fieldText)];
  if (search && !words.some((word) => word.toLowerCase().includes(search.toLowerCase()))) return false;
  const range = stepRange(steps);
  if (!range) return true;
  if (message.step === null) return false;
  const step = BigInt(message.step);
  return (range.from === "" || step >= BigInt(range.from)) && (range.to === "" || step <= BigInt(range.to));
}

/** A field in words. */
export function fieldText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
