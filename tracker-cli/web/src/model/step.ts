/** Steps as text: every integer of 64 bits is one, and not all of them are numbers of JavaScript. */

/** A step as an answer has it. */
type Told = number | string;

const MOST = 2n ** 64n - 1n;

export function isStep(text: string): boolean {
  return /^\d{1,20}$/.test(text) && BigInt(text) <= MOST;
}

/** Of some steps the greatest before one; null where there is none. */
export function lastBefore(steps: readonly Told[], step: string): string | null {
  return greatest(steps.map(BigInt).filter((each) => each < BigInt(step)));
}

/** The least behind one. */
export function firstBehind(steps: readonly Told[], step: string): string | null {
  const behind = steps.map(BigInt).filter((each) => each > BigInt(step));
  const least = behind.reduce<bigint | null>((known, each) => (known === null || each < known ? each : known), null);
  return least === null ? null : String(least);
}

function greatest(steps: readonly bigint[]): string | null {
  const found = steps.reduce<bigint | null>((known, each) => (known === null || each > known ? each : known), null);
  return found === null ? null : String(found);
}

/** The place of the last step that is not behind `wanted`; the first where all are, the last where nobody wants any. */
export function placeUpTo(steps: readonly Told[], wanted: string): number {
  if (wanted === "") return steps.length - 1;
  const at = BigInt(wanted);
  let place = 0;
  for (let next = 0; next < steps.length; next += 1) if (BigInt(steps[next] as Told) <= at) place = next;
  return place;
}

/** Steps of several runs together, each once, in their order. */
export function together(steps: readonly (readonly Told[])[]): string[] {
  const all = new Set(steps.flatMap((each) => each.map(String)));
  return [...all].sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1));
}
