/** What stands on top of a board where nobody has pinned anything: what people look at first. */
import { pairOf } from "./pair.ts";

/** Few charts are all in sight anyway. */
const ENOUGH = 6;

const KINDS = [/(^|[^a-z])loss($|[^a-z])/i, /(^|[^a-z])acc(uracy)?($|[^a-z])/i];
const TRAINING = /(^|[/._-])train(ing)?[/._-]/i;
/** Single steps and the machine say less than epochs, and other ranks than the first. */
const ASIDE = /^(batch|system|rank|knobs)[/.]/;

/** At most four metrics: loss, then accuracy, each of the training and of the validation. */
export function usualPins(metrics: readonly string[]): string[] {
  if (metrics.length <= ENOUGH) return [];
  const known = new Set(metrics.filter((metric) => !ASIDE.test(metric)));
  return KINDS.flatMap((kind) =>
    couple(
      [...known].filter((metric) => kind.test(metric)),
      known,
    ),
  );
}

/** A metric of the training and its partner; where there are none, the first of the shortest names. */
function couple(metrics: readonly string[], known: ReadonlySet<string>): string[] {
  const shortest = [...metrics].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const ofTraining = shortest.filter((metric) => TRAINING.test(metric));
  const first = ofTraining.find((metric) => pairOf(metric, known)) ?? ofTraining[0] ?? shortest[0];
  if (first === undefined) return [];
  const other = pairOf(first, known);
  return other === null ? [first] : [first, other];
}
