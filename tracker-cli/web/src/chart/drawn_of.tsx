import type { JSX } from "preact";
import { formatCount } from "../model/scale.ts";

interface DrawnOfProps {
  drawn: number;
  /** How many the picture was given. */
  given: number;
  /** How many there are. */
  of: number;
  /** What they are called. */
  noun?: string;
  /** Why one that was given may have no place. */
  missing: string;
}

/** Says how many of the runs, or of what else there is, are drawn, and why not all of them. */
export function DrawnOf({ drawn, given, of, noun = "run", missing }: DrawnOfProps): JSX.Element {
  const hidden = given - drawn;
  return (
    <figcaption data-drawn={drawn} data-of={of}>
      {formatCount(drawn)} of {formatCount(of)} {of === 1 ? noun : `${noun}s`}
      {hidden > 0 && `; ${formatCount(hidden)} ${hidden === 1 ? "has" : "have"} no place here: ${missing}`}
      {given < of && `; more than ${formatCount(given)} are not drawn: search for some of them`}
    </figcaption>
  );
}
