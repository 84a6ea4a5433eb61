/** Metrics that people look at together: what the training says beside what validation says. */

const OF_TRAINING = ["train", "training"];
const OF_VALIDATION = ["valid", "validation", "val", "eval", "test"];

/** `valid/loss` for `train/loss` and the other way round, where it is known; null where there is none. */
export function pairOf(metric: string, known: ReadonlySet<string>): string | null {
  const words = metric.split(/([/._-])/);
  for (const [at, word] of words.entries()) {
    for (const other of othersOf(word)) {
      const name = words.with(at, other).join("");
      if (known.has(name)) return name;
    }
  }
  return null;
}

function othersOf(word: string): readonly string[] {
  if (OF_TRAINING.includes(word)) return OF_VALIDATION;
  return OF_VALIDATION.includes(word) ? OF_TRAINING : [];
}
