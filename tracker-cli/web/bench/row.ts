/** A row of the benchmark's table. */
export interface Row {
  what: string;
  measured: string;
  goal: string;
  isMet: boolean;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** The median of times, beside the most that it may be. */
export function times(what: string, all: readonly number[], most: number): Row {
  const [middle, greatest] = [median(all), Math.max(...all)];
  const measured = `${middle.toFixed(0)} ms (${Math.min(...all).toFixed(0)} to ${greatest.toFixed(0)}, ${all.length === 1 ? "once" : `${all.length} times`})`;
  return { what, measured, goal: `≤ ${most} ms`, isMet: middle <= most };
}
