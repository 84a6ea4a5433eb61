import assert from "node:assert/strict";
import { test } from "node:test";
import { inlineOf, parseMarkdown, safeAddress } from "../src/model/markdown.ts";
import type { Block, Inline } from "../src/model/markdown.ts";

const text = (words: string): Inline => ({ kind: "text", text: words });

test("blocks are told apart", () => {
  const blocks = parseMarkdown(
    "# One #\nwords\nmore\n\n## Two\n- a\n- b\n  - c\n\n1. x\n2. y\n\n> said\n> again\n\n```rust\nlet <x> = *1*;\n```\n---\n| a | b |\n|:-:|--:|\n| 1 | 2 \\| 3 |\nend",
  );
  assert.deepEqual(
    blocks.map(({ kind }) => kind),
    ["heading", "paragraph", "heading", "list", "list", "quote", "code", "rule", "table", "paragraph"],
  );
  assert.deepEqual(blocks[0], { kind: "heading", level: 1, children: [text("One")] });
  assert.deepEqual(blocks[1], { kind: "paragraph", children: [text("words more")] });
  const items = (blocks[3] as Extract<Block, { kind: "list" }>).items;
  assert.deepEqual(
    items.map((item) => item.map(({ kind }) => kind)),
    [["paragraph"], ["paragraph", "list"]],
  );
  assert.equal((blocks[4] as Extract<Block, { kind: "list" }>).ordered, true);
  assert.deepEqual(blocks[6], { kind: "code", text: "let <x> = *1*;" });
  assert.deepEqual((blocks[8] as Extract<Block, { kind: "table" }>).rows, [[[text("1")], [text("2 | 3")]]]);
});

test("lines have emphasis, code, links and breaks", () => {
  assert.deepEqual(inlineOf("a **b *c* d** `x*y*` ~~e~~ snake_case_name _f_"), [
    text("a "),
    { kind: "strong", children: [text("b "), { kind: "emphasis", children: [text("c")] }, text(" d")] },
    text(" "),
    { kind: "code", text: "x*y*" },
    text(" "),
    { kind: "struck", children: [text("e")] },
    text(" snake_case_name "),
    { kind: "emphasis", children: [text("f")] },
  ]);
  assert.deepEqual(inlineOf("[a *b*](https://x.org/y) and http://z.org/q."), [
    { kind: "link", href: "https://x.org/y", children: [text("a "), { kind: "emphasis", children: [text("b")] }] },
    text(" and "),
    { kind: "link", href: "http://z.org/q", children: [text("http://z.org/q")] },
    text("."),
  ]);
  assert.deepEqual(((parseMarkdown("a  \nb\\\nc")[0] ?? { children: [] }) as { children: Inline[] }).children, [
    text("a"),
    { kind: "break" },
    text("b"),
    { kind: "break" },
    text("c"),
  ]);
  assert.deepEqual(inlineOf("2 * 3 * 4 and \\*not\\* **open"), [text("2 * 3 * 4 and *not* "), text("**"), text("open")]);
});

test("no HTML, no picture and no address but those of the web come out of it", () => {
  const hostile = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>)",
    "[x](vbscript:x)",
    "[x](//evil.org)",
    "[x](file:///etc/passwd)",
    "[x](https:evil)",
    "[x](http://a:b@evil.org)",
    "[x](\u0001javascript:alert(1))",
    "[x]( &#106;avascript:alert(1))",
    "<https://x.org onmouseover=alert(1)>",
    "[[x](javascript:a)](javascript:b)",
  ];
  const nodes = (block: Block): Inline[] => ("children" in block ? (block.children as Inline[]) : []);
  for (const each of hostile) {
    for (const link of parseMarkdown(each)
      .flatMap(nodes)
      .filter(({ kind }) => kind === "link"))
      assert.match((link as { href: string }).href, /^https?:\/\/x\.org(\/|$)/, each);
  }
  const picture = inlineOf("![alt](https://evil.org/pixel.png)");
  assert.deepEqual(picture, [{ kind: "link", href: "https://evil.org/pixel.png", children: [text("alt")] }]);
  assert.equal(safeAddress("https://x.org/\u202e"), "https://x.org/%E2%80%AE");
});

test("the time grows with the length, whatever is repeated", () => {
  const pieces = [
    "*",
    "_",
    "**",
    "*a _b ",
    "[",
    "![",
    "[](",
    "](",
    "`",
    "`` ` ",
    "> ",
    "- ",
    "  - a\n",
    "|",
    "|-",
    "~~",
    "\\",
    "http://",
    "<",
    "# ",
    "1. ",
    "[a](http://b)*",
  ];
  const time = (words: string): number => {
    // Of the processor: other programs take theirs.
    const began = process.cpuUsage();
    parseMarkdown(words);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
  for (const piece of pieces) {
    for (const joined of [(count: number) => piece.repeat(count), (count: number) => `${piece}\n`.repeat(count)]) {
      time(joined(2_000));
      const [short, long] = [Math.min(time(joined(4_000)), time(joined(4_000))), Math.min(time(joined(32_000)), time(joined(32_000)))];
      // A square would take 64 times as long.
      assert.ok(long < 32 * short || long < 500, `${JSON.stringify(piece)}: ${short} ms, then ${long} ms`);
    }
  }
});

test("what is nested too deep stays text, and no stack overflows", () => {
  for (const piece of ["> ", "- ", "*_", "[", "1. "]) parseMarkdown(piece.repeat(50_000));
  const deep = (blocks: Block[]): number => 1 + Math.max(0, ...blocks.map((block) => (block.kind === "quote" ? deep(block.children) : 0)));
  assert.ok(deep(parseMarkdown("> ".repeat(100))) < 12);
});

test("whatever is repeated, the tree stays small enough to be drawn, and no word is lost", () => {
  const size = (value: unknown): number =>
    typeof value === "object" && value !== null ? 1 + Object.values(value).reduce((sum: number, each) => sum + size(each), 0) : 0;
  const words = (value: unknown): string =>
    typeof value === "object" && value !== null ? ("text" in value ? String(value.text) : Object.values(value).map(words).join(" ")) : "";
  const pieces = [
    "- a\n\n  b\n",
    "a|b\n-|-\n",
    "> a\n\n",
    "*a* ",
    "[x](http://y) ",
    "a\n- b\nc\n",
    "`a` ",
    "# a\n",
    "1. - > *a*\n",
    "a  \n",
  ];
  for (const piece of pieces) {
    const blocks = parseMarkdown(`${piece.repeat((1 << 19) / piece.length)}\n\nlast`);
    assert.ok(size(blocks) < 200_000, `${JSON.stringify(piece)}: ${size(blocks)}`);
    assert.match(words(blocks), /last\s*$/, piece);
  }
  assert.match(words(parseMarkdown(`${"a ".repeat((1 << 19) - 10)}end`)), /end$/, "a report's words may have a MiB");
});
