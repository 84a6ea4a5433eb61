/**
 * Markdown as a tree of plain values: headings, paragraphs, lists, quotes, code, tables, rules; emphasis, code and
 * links in lines. HTML stays text, pictures are links, and links lead to http and https alone. What is read may come
 * from anybody: the time grows with the length of the text, the tree has a least depth, and what is behind its last
 * place stays text.
 */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "break" }
  | { kind: "strong" | "emphasis" | "struck"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] };

export type Block =
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; ordered: boolean; start: number; items: Block[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

/** Quotes and lists within each other, and marks within marks. What is deeper stays text. */
const DEEPEST = 8;
/** A longer text is cut: no notes are, neither of a project nor of a report. */
const MOST = 1 << 20;
/** How many blocks and parts of lines there may be: a browser draws no more of them at once. */
const MOST_NODES = 20_000;
/** More columns are no table for people. */
const MOST_COLUMNS = 64;

export function parseMarkdown(text: string): Block[] {
  const lines = text.slice(0, MOST).replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n");
  return blocksOf(lines, DEEPEST, { left: MOST_NODES });
}

/** How many nodes the tree may still get. */
interface Room {
  left: number;
}

const HEADING = /^ {0,3}(#{1,6})(?: |$)/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const RULE = /^ {0,3}(?:-[ -]*|\*[ *]*|_[ _]*)$/;
const QUOTE = /^ {0,3}>/;
const ITEM = /^ {0,9}(?:[-*+]|\d{1,9}[.)])(?: |$)/;

function blocksOf(lines: readonly string[], deepest: number, room: Room): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  let paragraph: string[] = [];
  const close = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", children: inlineOf(joined(paragraph), true, room) });
    paragraph = [];
  };
  const add = (block: Block, next: number): void => {
    close();
    blocks.push(block);
    room.left -= 1;
    at = next;
  };
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const heading = HEADING.exec(line)?.[1];
    if (room.left <= 0) add({ kind: "code", text: lines.slice(at).join("\n") }, lines.length);
    else if (line.trim() === "") {
      close();
      at += 1;
    } else if (FENCE.test(line)) add(...fence(lines, at));
    else if (heading) add({ kind: "heading", level: heading.length, children: inlineOf(headingText(line), true, room) }, at + 1);
    else if (isRule(line)) add({ kind: "rule" }, at + 1);
    else if (deepest > 0 && QUOTE.test(line)) add(...quote(lines, at, deepest, room));
    else if (deepest > 0 && ITEM.test(line)) add(...list(lines, at, deepest, room));
    else if (paragraph.length === 0 && isTable(lines, at)) add(...table(lines, at, room));
    else {
      paragraph.push(line.trimStart());
      at += 1;
    }
  }
  close();
  return blocks;
}

/** Two spaces at the end of a line break it, as a backslash does. */
function joined(lines: readonly string[]): string {
  const last = lines.length - 1;
  return lines.map((line, at) => line.trimEnd() + (at < last && line.endsWith("  ") ? "\\" : "")).join("\n");
}

function headingText(line: string): string {
  const text = line.trim().replace(/^#+/, "").trim();
  let end = text.length;
  while (end > 0 && text[end - 1] === "#") end -= 1;
  return end < text.length && (end === 0 || text[end - 1] === " ") ? text.slice(0, end).trim() : text;
}

/** Three marks or more. */
function isRule(line: string): boolean {
  return RULE.test(line) && line.replaceAll(" ", "").length >= 3;
}

type Found = [block: Block, next: number];

/** Code up to the same fence, else to the end. */
function fence(lines: readonly string[], from: number): Found {
  const line = lines[from] ?? "";
  const mark = FENCE.exec(line)?.[1] ?? "```";
  const isEnd = (each: string): boolean => {
    const text = each.trim();
    return text.length >= mark.length && text === (mark[0] ?? "").repeat(text.length);
  };
  let end = from + 1;
  while (end < lines.length && !isEnd(lines[end] ?? "")) end += 1;
  return [{ kind: "code", text: lines.slice(from + 1, end).join("\n") }, end + 1];
}

function quote(lines: readonly string[], from: number, deepest: number, room: Room): Found {
  let end = from;
  while (end < lines.length && QUOTE.test(lines[end] ?? "")) end += 1;
  const inner = lines.slice(from, end).map((line) => line.trimStart().slice(1).replace(/^ /, ""));
  return [{ kind: "quote", children: blocksOf(inner, deepest - 1, room) }, end];
}

interface Marker {
  ordered: boolean;
  start: number;
  /** How far the mark is in, and the text behind it. */
  indent: number;
  inner: number;
}

function markerOf(line: string): Marker | null {
  if (!ITEM.test(line) || isRule(line)) return null;
  const indent = indentOf(line);
  const mark = line.slice(indent).split(" ", 1)[0] ?? "";
  const ordered = mark.length > 1;
  return { ordered, start: ordered ? Number.parseInt(mark, 10) : 1, indent, inner: indent + mark.length + 1 };
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Items of one kind; what is further in than an item's mark belongs to it. */
function list(lines: readonly string[], from: number, deepest: number, room: Room): Found {
  const first = markerOf(lines[from] ?? "") ?? { ordered: false, start: 1, indent: 0, inner: 2 };
  const items: string[][] = [];
  const starts: number[] = [];
  let inner = first.inner;
  let at = from;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const marker = markerOf(line);
    const indent = indentOf(line);
    if (marker && marker.indent < first.indent + 2) {
      if (marker.ordered !== first.ordered || marker.indent < first.indent) break;
      items.push([line.slice(marker.inner)]);
      starts.push(at);
      inner = marker.inner;
    } else if (line.trim() === "") {
      const next = lines[at + 1];
      if (next === undefined || (indentOf(next) <= first.indent && !sameList(next, first))) break;
      items.at(-1)?.push("");
    } else if (indent > first.indent || marker === null) {
      if (indent <= first.indent && (lines[at - 1]?.trim() === "" || startsBlock(line))) break;
      items.at(-1)?.push(line.slice(Math.min(indent, inner)));
    } else break;
  }
  const shown: Block[][] = [];
  for (const [place, item] of items.entries()) {
    if (room.left <= 0) {
      at = starts[place] ?? at;
      break;
    }
    room.left -= 1;
    shown.push(blocksOf(item, deepest - 1, room));
  }
  return [{ kind: "list", ordered: first.ordered, start: first.start, items: shown }, at];
}

function sameList(line: string, first: Marker): boolean {
  return markerOf(line)?.ordered === first.ordered;
}

function startsBlock(line: string): boolean {
  return HEADING.test(line) || FENCE.test(line) || QUOTE.test(line) || isRule(line);
}

function isTable(lines: readonly string[], at: number): boolean {
  const [head = "", below = ""] = lines.slice(at, at + 2);
  if (!head.includes("|") || !below.includes("-")) return false;
  const cells = cellsOf(below);
  return cells.length <= MOST_COLUMNS && cells.length === cellsOf(head).length && cells.every((cell) => /^:?-+:?$/.test(cell));
}

function table(lines: readonly string[], from: number, room: Room): Found {
  const columns = cellsOf(lines[from + 1] ?? "");
  const row = (line: string): Inline[][] => {
    const cells = cellsOf(line);
    room.left -= columns.length;
    return columns.map((_, at) => inlineOf(cells[at] ?? "", true, room));
  };
  const head = row(lines[from] ?? "");
  const rows: Inline[][][] = [];
  let end = from + 2;
  for (; room.left > 0 && end < lines.length && (lines[end] ?? "").includes("|"); end += 1) rows.push(row(lines[end] ?? ""));
  return [{ kind: "table", head, rows }, end];
}

function cellsOf(line: string): string[] {
  const text = line.trim();
  const inner = text.slice(text.startsWith("|") ? 1 : 0, text.endsWith("|") && !text.endsWith("\\|") && text.length > 1 ? -1 : undefined);
  const cells = [""];
  for (let at = 0; at < inner.length; at += 1) {
    if (inner[at] === "\\" && inner[at + 1] === "|") {
      cells[cells.length - 1] += "|";
      at += 1;
    } else if (inner[at] === "|") cells.push("");
    else cells[cells.length - 1] += inner[at];
  }
  return cells.map((cell) => cell.trim());
}

/** Where a bracket, a row of backticks or a mark ends, found in one pass before the text is read. */
interface Ends {
  /** From each `[` to its `]`. */
  brackets: Map<number, number>;
  /** From each row of backticks to the next one as long. */
  code: Map<number, number>;
}

function endsOf(text: string): Ends {
  const [brackets, code] = [new Map<number, number>(), new Map<number, number>()];
  const open: number[] = [];
  const ticks = new Map<number, number>();
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === "\\") at += 1;
    else if (letter === "[") open.push(at);
    else if (letter === "]") {
      const start = open.pop();
      if (start !== undefined) brackets.set(start, at);
    } else if (letter === "`") {
      const length = runOf(text, at);
      const before = ticks.get(length);
      if (before !== undefined) code.set(before, at);
      ticks.set(length, at);
      at += length - 1;
    }
  }
  return { brackets, code };
}

function runOf(text: string, at: number): number {
  let end = at;
  while (text[end] === text[at]) end += 1;
  return end - at;
}

/** The longest address of a link. */
const LONGEST_ADDRESS = 2000;
const BARE = /https?:\/\/[^\s<>"'`\])|]{1,2000}/iy;

/** An element whose end has not come yet. */
interface Frame {
  mark: string;
  nodes: Inline[];
}

const KINDS: Record<string, "strong" | "emphasis" | "struck"> = {
  "**": "strong",
  __: "strong",
  "*": "emphasis",
  _: "emphasis",
  "~~": "struck",
};

/** Marks of emphasis are closed by the next of their kind; those that are not are text. */
export function inlineOf(text: string, links = true, room: Room = { left: MOST_NODES }): Inline[] {
  const ends = endsOf(text);
  const frames: Frame[] = [{ mark: "", nodes: [] }];
  const counts = new Map<string, number>();
  let words = "";
  const top = (): Inline[] => (frames.at(-1) as Frame).nodes;
  const flush = (): void => {
    if (words !== "") top().push({ kind: "text", text: words });
    words = "";
  };
  const push = (node: Inline): void => {
    flush();
    top().push(node);
    room.left -= 1;
  };
  /** The elements from this one on are none: their marks are text of the one before. */
  const flatten = (from: number): void => {
    const into = (frames[from - 1] as Frame).nodes;
    for (const { mark, nodes } of frames.splice(from)) {
      counts.set(mark, (counts.get(mark) ?? 1) - 1);
      into.push({ kind: "text", text: mark });
      for (const node of nodes) into.push(node);
    }
  };
  const turn = (mark: string, at: number): void => {
    const [before, after] = [text[at - 1] ?? " ", text[at + mark.length] ?? " "];
    const inWord = mark.startsWith("_") && isWord(before) && isWord(after);
    if ((counts.get(mark) ?? 0) > 0 && !isSpace(before) && !inWord) {
      flush();
      let place = frames.length - 1;
      while (frames[place]?.mark !== mark) place -= 1;
      if (place + 1 < frames.length) flatten(place + 1);
      const closed = frames.pop() as Frame;
      counts.set(mark, (counts.get(mark) ?? 1) - 1);
      top().push({ kind: KINDS[mark] ?? "emphasis", children: closed.nodes });
    } else if (!isSpace(after) && !inWord && frames.length <= DEEPEST) {
      flush();
      frames.push({ mark, nodes: [] });
      counts.set(mark, (counts.get(mark) ?? 0) + 1);
      room.left -= 1;
    } else words += mark;
  };
  for (let at = 0; at < text.length; ) {
    const letter = text[at] ?? "";
    const next = text[at + 1] ?? "";
    if (room.left <= 0) {
      words += text.slice(at).replaceAll("\n", " ");
      break;
    }
    if (letter === "\\" && /[\\`*_{}[\]()#+\-.!|>~<]/.test(next)) {
      words += next;
      at += 2;
    } else if (letter === "`") {
      const length = runOf(text, at);
      const end = ends.code.get(at);
      if (end === undefined) words += text.slice(at, at + length);
      else push({ kind: "code", text: trimOne(text.slice(at + length, end).replaceAll("\n", " ")) });
      at = end === undefined ? at + length : end + length;
    } else if (links && (letter === "[" || (letter === "!" && next === "["))) {
      const start = letter === "[" ? at : at + 1;
      const found = linkAt(text, start, ends, room);
      if (found) push(found.node);
      else words += letter === "[" ? "[" : "![";
      at = found ? found.end : start + 1;
    } else if (links && (letter === "h" || letter === "H") && !isWord(text[at - 1] ?? " ")) {
      const address = bareAt(text, at);
      if (address !== "") push({ kind: "link", href: address, children: [{ kind: "text", text: address }] });
      else words += letter;
      at += Math.max(address.length, 1);
    } else if (letter === "*" || letter === "_" || (letter === "~" && next === "~")) {
      const mark = next === letter ? letter + letter : letter;
      turn(mark, at);
      at += mark.length;
    } else if (letter === "\\" && next === "\n") {
      push({ kind: "break" });
      at += 2;
    } else if (letter === "\n") {
      words += " ";
      at += 1;
    } else {
      words += letter;
      at += 1;
    }
  }
  flush();
  if (frames.length > 1) flatten(1);
  return frames[0]?.nodes ?? [];
}

function linkAt(text: string, start: number, { brackets }: Ends, room: Room): { node: Inline; end: number } | null {
  const close = brackets.get(start);
  if (close === undefined || text[close + 1] !== "(") return null;
  const head = text.slice(close + 2, close + 2 + LONGEST_ADDRESS);
  const length = head.indexOf(")");
  if (length < 0) return null;
  const href = safeAddress(head.slice(0, length).trim().split(/\s/, 1)[0] ?? "");
  const label = text.slice(start + 1, close);
  const end = close + 3 + length;
  if (href === null) return { node: { kind: "text", text: label === "" ? "link" : label }, end };
  return { node: { kind: "link", href, children: label === "" ? [{ kind: "text", text: href }] : inlineOf(label, false, room) }, end };
}

/** The address as it is typed, where it leads to the web and nowhere else. */
export function safeAddress(address: string): string | null {
  if (!/^https?:\/\/[^\s\\/?#]/i.test(address)) return null;
  try {
    const { protocol, href, username, password } = new URL(address);
    return (protocol === "http:" || protocol === "https:") && username + password === "" ? href : null;
  } catch {
    return null;
  }
}

function bareAt(text: string, at: number): string {
  BARE.lastIndex = at;
  const found = BARE.exec(text)?.[0] ?? "";
  const address = found.replace(/[.,;:!?*_~]{1,9}$/, "");
  return safeAddress(address) === null ? "" : address;
}

function isSpace(letter: string): boolean {
  return letter.trim() === "";
}

function isWord(letter: string): boolean {
  return /[\p{L}\p{N}_]/u.test(letter);
}

function trimOne(text: string): string {
  return text.length > 2 && text.startsWith(" ") && text.endsWith(" ") ? text.slice(1, -1) : text;
}
