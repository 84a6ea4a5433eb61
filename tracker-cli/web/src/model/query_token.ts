/** What was typed into the search box, in words and signs. */

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~";

export interface Token {
  text: string;
  /** How many characters stand before it. */
  at: number;
  kind: "word" | "quoted" | "operator" | "open" | "close";
}

/** Where a text stops making sense, and how to write it. */
export interface QueryError {
  message: string;
  hint: string;
  position: number;
}

export class QueryFailure extends Error {
  readonly error: QueryError;

  constructor(message: string, hint: string, position: number) {
    super(message);
    this.error = { message, hint, position };
  }
}

const SIGNS = ["<=", ">=", "!=", "!~", "==", "=", "<", ">", "~"];

export function tokenize(text: string): Token[] {
  const letters = [...text];
  const tokens: Token[] = [];
  let at = 0;
  while (at < letters.length) {
    const letter = letters[at] as string;
    if (/\s/.test(letter)) {
      at += 1;
      continue;
    }
    const [token, length] = tokenAt(letters, at, letter);
    tokens.push(token);
    at += length;
  }
  return tokens;
}

function tokenAt(letters: readonly string[], at: number, letter: string): [Token, number] {
  if (letter === '"') {
    const end = letters.indexOf('"', at + 1);
    if (end < 0) throw new QueryFailure("the quotation mark is not closed", 'end the text with "', at);
    return [{ text: letters.slice(at + 1, end).join(""), at, kind: "quoted" }, end + 1 - at];
  }
  if (letter === "(" || letter === ")") return [{ text: letter, at, kind: letter === "(" ? "open" : "close" }, 1];
  const beginning = letter + (letters[at + 1] ?? "");
  const sign = SIGNS.find((known) => beginning.startsWith(known));
  if (sign) return [{ text: sign === "==" ? "=" : sign, at, kind: "operator" }, sign.length];
  let end = at;
  while (end < letters.length && /[^\s()<>=!~"]/.test(letters[end] as string)) end += 1;
  end = Math.max(end, at + 1);
  return [{ text: letters.slice(at, end).join(""), at, kind: "word" }, end - at];
}
