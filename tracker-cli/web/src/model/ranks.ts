/** The places of values among each other. */

/** From 1 for the least; equal ones share the mean of their places. NaN keeps none and must not be among them. */
export function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let until = from + 1;
    while (until < order.length && values[order[until] as number] === values[order[from] as number]) until += 1;
    for (let at = from; at < until; at += 1) ranks[order[at] as number] = (from + 1 + until) / 2;
    from = until;
  }
  return ranks;
}

/** Spearman's rank correlation, from -1 to 1; NaN where either is the same everywhere. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [ranksA, ranksB] = [ranksOf(a), ranksOf(b)];
  const middle = (a.length + 1) / 2;
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const [left, right] = [(ranksA[at] as number) - middle, (ranksB[at] as number) - middle];
    both += left * right;
    squaresA += left * left;
    squaresB += right * right;
  }
  return both / Math.sqrt(squaresA * squaresB);
}
