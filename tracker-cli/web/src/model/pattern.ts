/**
 * Regular expressions whose time grows with the text and never faster. A link can bring a search along, and a
 * browser's own expressions hang on `(a+)+$`: here all ways through the pattern are followed at once.
 *
 * Known: letters, `.`, `[a-z]`, `[^a-z]`, `\d \w \s` and their opposites, `\b \B`, `^ $`, `( ) (?: )`, `|`,
 * `* + ? {2} {2,} {2,5}`, each also with `?` behind. Not known: what looks ahead or behind, and what repeats a
 * group's text (`(?=a)`, `\1`). Case is ignored where that is asked for.
 */

/** Says what cannot be read, in words for people. */
export class PatternError extends Error {}

export interface Pattern {
  /** Whether the pattern occurs anywhere in the text. */
  test(text: string): boolean;
}

/** Reads a pattern; throws a `PatternError` where it makes no sense or is not known here. */
export function pattern(source: string, ignoreCase: boolean): Pattern {
  const program = compile(new Reader(source).read());
  return { test: (text) => occurs(program, [...text], ignoreCase) };
}

type Edge = "start" | "end" | "word" | "no word";
/** What one letter may be. */
interface Letters {
  ranges: readonly (readonly [number, number])[];
  inverted: boolean;
}
type Node =
  | { kind: "letters"; letters: Letters }
  | { kind: "edge"; edge: Edge }
  | { kind: "all" | "any"; parts: Node[] }
  | { kind: "repeat"; part: Node; least: number; most: number };

/** More steps than this are no search that somebody typed. */
const MOST_STEPS = 2000;
const MOST_TIMES = 1000;
const MOST_DEPTH = 100;

const DIGITS: Letters["ranges"] = [[48, 57]];
const WORD: Letters["ranges"] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: Letters["ranges"] = [
  [9, 13],
  [32, 32],
  [160, 160],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0xfeff, 0xfeff],
];
const CLASSES: Record<string, Letters> = {
  d: { ranges: DIGITS, inverted: false },
  D: { ranges: DIGITS, inverted: true },
  w: { ranges: WORD, inverted: false },
  W: { ranges: WORD, inverted: true },
  s: { ranges: SPACE, inverted: false },
  S: { ranges: SPACE, inverted: true },
};
const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v", "0": "\0" };

/** Recursive descent over the letters of a pattern. */
class Reader {
  private at = 0;
  private readonly letters: string[];

  constructor(source: string) {
    this.letters = [...source];
  }

  read(): Node {
    const node = this.either(0);
    if (this.at < this.letters.length) throw new PatternError("a bracket closes that was never opened; write \\) for the sign itself");
    return node;
  }

  private either(depth: number): Node {
    if (depth > MOST_DEPTH) throw new PatternError("too many brackets lie within each other");
    const parts = [this.sequence(depth)];
    while (this.take("|")) parts.push(this.sequence(depth));
    return parts.length === 1 ? (parts[0] as Node) : { kind: "any", parts };
  }

  private sequence(depth: number): Node {
    const parts: Node[] = [];
    while (this.at < this.letters.length && this.peek() !== "|" && this.peek() !== ")") parts.push(this.repeated(depth));
    return parts.length === 1 ? (parts[0] as Node) : { kind: "all", parts };
  }

  private repeated(depth: number): Node {
    let part = this.single(depth);
    for (let times = this.times(); times; times = this.times()) {
      if (part.kind === "edge") throw new PatternError("^, $ and \\b stand for no letter, so they cannot be repeated");
      if (part.kind === "repeat") throw new PatternError("two signs of repetition follow each other");
      part = { kind: "repeat", part, ...times };
      // How much is taken makes no difference to whether there is a match.
      this.take("?");
    }
    return part;
  }

  private times(): { least: number; most: number } | null {
    if (this.take("*")) return { least: 0, most: Infinity };
    if (this.take("+")) return { least: 1, most: Infinity };
    if (this.take("?")) return { least: 0, most: 1 };
    const found = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.letters.slice(this.at, this.at + 12).join(""));
    if (!found) return null;
    this.at += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === "" ? least : found[3] === "" ? Infinity : Number(found[3]);
    if (most < least) throw new PatternError(`${found[0]} asks for more times than it allows`);
    if (Math.max(least, most === Infinity ? 0 : most) > MOST_TIMES) throw new PatternError(`${found[0]}: at most ${MOST_TIMES} times`);
    return { least, most };
  }

  private single(depth: number): Node {
    const letter = this.next();
    switch (letter) {
      case "(":
        return this.group(depth);
      case "[":
        return { kind: "letters", letters: this.set() };
      case "\\":
        return this.escape();
      case ".":
        return {
          kind: "letters",
          letters: {
            ranges: [
              [10, 10],
              [13, 13],
              [0x2028, 0x2029],
            ],
            inverted: true,
          },
        };
      case "^":
        return { kind: "edge", edge: "start" };
      case "$":
        return { kind: "edge", edge: "end" };
      case "*":
      case "+":
      case "?":
        throw new PatternError(`${letter} repeats what stands before it, and nothing does; write \\${letter} for the sign itself`);
      default:
        return literal(letter);
    }
  }

  private group(depth: number): Node {
    if (this.take("?") && !this.take(":"))
      throw new PatternError("looking ahead or behind and naming groups, (?…), is not known here; (?: ) is");
    const inner = this.either(depth + 1);
    if (!this.take(")")) throw new PatternError("close every bracket, and write \\( for a bracket itself");
    return { kind: "all", parts: [inner] };
  }

  private escape(): Node {
    const letter = this.next("a letter after \\");
    if (letter === "b" || letter === "B") return { kind: "edge", edge: letter === "b" ? "word" : "no word" };
    const known = CLASSES[letter];
    return known ? { kind: "letters", letters: known } : literal(this.escaped(letter));
  }

  /** The letter that an escape stands for. */
  private escaped(letter: string): string {
    const known = ESCAPES[letter];
    if (known !== undefined) return known;
    if (/[1-9]/.test(letter)) throw new PatternError(`\\${letter}, the text of a group once more, is not known here`);
    if (letter === "x" || letter === "u") return this.byNumber(letter === "x" ? 2 : 4);
    if (/[a-zA-Z]/.test(letter)) throw new PatternError(`\\${letter} is not known here`);
    return letter;
  }

  private byNumber(digits: number): string {
    const text = this.letters.slice(this.at, this.at + digits).join("");
    if (!/^[0-9a-fA-F]+$/.test(text) || text.length < digits)
      throw new PatternError(`\\${digits === 2 ? "x" : "u"} needs ${digits} hexadecimal digits`);
    this.at += digits;
    return String.fromCodePoint(parseInt(text, 16));
  }

  /** What stands between [ and ]. */
  private set(): Letters {
    const inverted = this.take("^");
    const ranges: (readonly [number, number])[] = [];
    while (!this.take("]")) {
      const first = this.member(ranges);
      if (first === null || this.peek() !== "-" || this.letters[this.at + 1] === "]") {
        if (first !== null) ranges.push([first, first]);
        continue;
      }
      this.at += 1;
      const last = this.member(ranges);
      if (last === null) ranges.push([first, first], [45, 45]);
      else if (last < first) throw new PatternError("a range in [ ] goes from the smaller to the greater letter");
      else ranges.push([first, last]);
    }
    return { ranges, inverted };
  }

  /** One letter of a set; a class such as \d adds its own ranges, and null comes back. */
  private member(ranges: (readonly [number, number])[]): number | null {
    const letter = this.next("] to close the set");
    if (letter !== "\\") return codeOf(letter);
    const escaped = this.next("a letter after \\");
    const known = CLASSES[escaped];
    if (!known) return codeOf(escaped === "b" ? "\b" : this.escaped(escaped));
    ranges.push(...(known.inverted ? gaps(known.ranges) : known.ranges));
    return null;
  }

  private peek(): string | undefined {
    return this.letters[this.at];
  }

  private next(wanted = "something"): string {
    const letter = this.letters[this.at];
    if (letter === undefined) throw new PatternError(`${wanted} is missing at the end`);
    this.at += 1;
    return letter;
  }

  private take(letter: string): boolean {
    if (this.letters[this.at] !== letter) return false;
    this.at += 1;
    return true;
  }
}

function codeOf(letter: string): number {
  return letter.codePointAt(0) as number;
}

function literal(letter: string): Node {
  const code = codeOf(letter);
  return { kind: "letters", letters: { ranges: [[code, code]], inverted: false } };
}

/** What lies between the ranges, which ascend. */
function gaps(ranges: Letters["ranges"]): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let from = 0;
  for (const [first, last] of ranges) {
    if (first > from) found.push([from, first - 1]);
    from = last + 1;
  }
  return [...found, [from, 0x10ffff]];
}

/** One step of the way through a pattern, and where to go from it. */
type Step =
  | { kind: "letters"; letters: Letters; next: number }
  | { kind: "edge"; edge: Edge; next: number }
  | { kind: "fork"; next: number; other: number }
  | { kind: "found" };

/** From the last node to the first: each step knows the one after it. The program begins with its last step. */
function compile(root: Node): Step[] {
  const steps: Step[] = [{ kind: "found" }];
  const add = (step: Step): number => {
    if (steps.length >= MOST_STEPS) throw new PatternError("this is too long: repeat less often");
    return steps.push(step) - 1;
  };
  const before = (node: Node, next: number): number => {
    switch (node.kind) {
      case "letters":
        return add({ kind: "letters", letters: node.letters, next });
      case "edge":
        return add({ kind: "edge", edge: node.edge, next });
      case "all":
        return node.parts.reduceRight((after, part) => before(part, after), next);
      case "any":
        return node.parts.map((part) => before(part, next)).reduce((other, one) => add({ kind: "fork", next: one, other }));
      case "repeat":
        return repeat(node, next);
    }
  };
  const repeat = ({ part, least, most }: Node & { kind: "repeat" }, next: number): number => {
    let first = next;
    if (most === Infinity) {
      const fork = add({ kind: "fork", next, other: next });
      steps[fork] = { kind: "fork", next: before(part, fork), other: next };
      first = fork;
    }
    for (let times = least; times < most && most !== Infinity; times += 1)
      first = add({ kind: "fork", next: before(part, first), other: next });
    for (let times = 0; times < least; times += 1) first = before(part, first);
    return first;
  };
  const start = before(root, 0);
  // A step that leads to the first one, so that the beginning is where it is looked for.
  steps.push({ kind: "fork", next: start, other: start });
  return steps;
}

/** Follows all ways at once, from every place of the text on. Each step is entered once a letter. */
function occurs(program: readonly Step[], text: readonly string[], ignoreCase: boolean): boolean {
  const seen = new Uint32Array(program.length);
  let here: number[] = [];
  for (let at = 0; at <= text.length; at += 1) {
    const entered = at + 1;
    const ready: number[] = [];
    const waiting = [...here, program.length - 1];
    while (waiting.length > 0) {
      const index = waiting.pop() as number;
      if (seen[index] === entered) continue;
      seen[index] = entered;
      const step = program[index] as Step;
      if (step.kind === "found") return true;
      if (step.kind === "letters") ready.push(index);
      else if (step.kind === "fork") waiting.push(step.other, step.next);
      else if (isAt(step.edge, text, at)) waiting.push(step.next);
    }
    const letter = text[at];
    if (letter === undefined) return false;
    const codes = ignoreCase ? [letter.toLowerCase(), letter.toUpperCase()].map(codeOf) : [codeOf(letter)];
    here = ready.flatMap((index) => {
      const step = program[index] as Step & { kind: "letters" };
      return codes.some((code) => isWithin(code, step.letters.ranges)) !== step.letters.inverted ? [step.next] : [];
    });
  }
  return false;
}

function isAt(edge: Edge, text: readonly string[], at: number): boolean {
  if (edge === "start") return at === 0;
  if (edge === "end") return at === text.length;
  const isBorder = isWord(text[at - 1]) !== isWord(text[at]);
  return isBorder === (edge === "word");
}

function isWord(letter: string | undefined): boolean {
  return letter !== undefined && /^\w$/.test(letter);
}

function isWithin(code: number, ranges: Letters["ranges"]): boolean {
  return ranges.some(([first, last]) => first <= code && code <= last);
}
