/** The places of values among each other. */

/** From 1 for the least; equal ones share the mean of their places. NaN has none, and must not be among them. */
export function ranksOf(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const ranks = new Map<number, number>();
  for (let from = 0; from < sorted.length; ) {
    let until = from + 1;
    while (until < sorted.length && sorted[until] === sorted[from]) until += 1;
    ranks.set(sorted[from] as number, (from + 1 + until) / 2);
    from = until;
  }
  return values.map((value) => ranks.get(value) as number);
}

/** Spearman's rank correlation of two rows of ranks, from -1 to 1; NaN where either is the same everywhere. */
export function correlationOfRanks(a: readonly number[], b: readonly number[]): number {
  const middle = (a.length + 1) / 2;
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const [left, right] = [(a[at] as number) - middle, (b[at] as number) - middle];
    both += left * right;
    squaresA += left * left;
    squaresB += right * right;
  }
  return both / Math.sqrt(squaresA * squaresB);
}
