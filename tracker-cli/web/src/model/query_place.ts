/** What may stand next in a search: a field, how it is compared, a value, or a word that joins comparisons. */
import { wordBefore } from "./completion.ts";
import type { Word } from "./completion.ts";
import { tokenize } from "./query_token.ts";
import type { Token } from "./query_token.ts";
import { isUnit } from "./query_value.ts";

export type Place = { kind: "field" | "join" } | { kind: "operator" | "value" | "item"; field: string };

/** The place of the word before the cursor; null within a regular expression over names. */
export function placeIn(text: string, caret: number): { place: Place; word: Word } | null {
  const head = text.slice(0, caret);
  if (/^\s*\//.test(head)) return null;
  const quote = head.split('"').length % 2 === 0 ? head.lastIndexOf('"') : -1;
  const open = quote >= 0 ? { from: quote, until: caret, text: head.slice(quote + 1) } : null;
  const word = open ?? wordBefore(text, caret, /[\s()<>=!~"]/);
  const place = placeAfter(tokenize(text.slice(0, word.from)));
  return { place, word: place.kind === "item" && !open ? wordBefore(text, caret, /[\s()<>=!~",]/) : word };
}

/** Goes through what stands before, as the parser does. */
function placeAfter(tokens: readonly Token[]): Place {
  let place: Place = { kind: "field" };
  tokens.forEach((token, at) => {
    place = next(place, token, tokens[at - 1]);
  });
  return place;
}

function next(place: Place, token: Token, before: Token | undefined): Place {
  const is = (...words: string[]): boolean => token.kind === "word" && words.includes(token.text.toLowerCase());
  switch (place.kind) {
    case "field":
      return token.kind === "open" || is("not") ? place : { kind: "operator", field: token.text };
    case "operator":
      if (token.kind === "operator") return { kind: "value", field: place.field };
      if (token.kind === "open" && before?.text.toLowerCase() === "in") return { kind: "item", field: place.field };
      return is("in", "not") ? place : { kind: "operator", field: token.text };
    case "item":
      return token.kind === "close" ? { kind: "join" } : place;
    case "value":
      return { kind: "join" };
    case "join":
      return token.kind === "close" || isUnit(token.text)
        ? place
        : is("and", "or")
          ? { kind: "field" }
          : { kind: "operator", field: token.text };
  }
}
