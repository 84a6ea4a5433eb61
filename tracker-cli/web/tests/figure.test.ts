import assert from "node:assert/strict";
import { test } from "node:test";
import type { Curve } from "../src/chart/curve.ts";
import { PRESETS, USUAL, presetOf, readChoice, within } from "../src/chart/figure/choice.ts";
import type { Mark } from "../src/chart/figure/drawing.ts";
import { figureOf } from "../src/chart/figure/figure.ts";
import type { Shown } from "../src/chart/figure/figure.ts";
import { fitted, widthOf, winAnsi } from "../src/chart/figure/letters.ts";
import { looksOf } from "../src/chart/figure/looks.ts";
import { pdfOf } from "../src/chart/figure/pdf.ts";
import { svgOf } from "../src/chart/figure/svg.ts";
import { timeTicks } from "../src/model/time_ticks.ts";

function curve(label: string, y: number[], more: Partial<Curve> = {}): Curve {
  const x = y.map((_, at) => at);
  return {
    id: label,
    label,
    color: "#56b4e9",
    dash: 0,
    runs: [label],
    best: false,
    grouped: false,
    x,
    y,
    notFinite: [],
    diverged: null,
    alerts: [],
    ...more,
  };
}

function shown(curves: Curve[], more: Partial<Shown> = {}): Shown {
  return {
    title: "train/loss",
    curves,
    x: "step",
    xLabel: "step",
    xRange: [0, 3],
    xLog: false,
    yLog: false,
    y: { label: "train/loss", unit: "nats", range: [0, 4] },
    right: null,
    ...more,
  };
}

function all(marks: readonly Mark[]): Mark[] {
  return marks.flatMap((mark) => (mark.kind === "clip" ? [mark, ...all(mark.marks)] : [mark]));
}

function texts(marks: readonly Mark[]): string[] {
  return all(marks).flatMap((mark) => (mark.kind === "text" ? mark.text : []));
}

test("a figure has its size in millimetres, named axes with units and a name for each curve", () => {
  const drawing = figureOf(shown([curve("a", [1, 2, 3, 4]), curve("b", [4, 3, 2, 1])]), USUAL);
  assert.ok(Math.abs(drawing.width - 240.94) < 0.01);
  const said = texts(drawing.marks);
  for (const wanted of ["step", "train/loss (nats)", "a", "b"]) assert.ok(said.includes(wanted), wanted);
  assert.match(svgOf(drawing), /width="85mm" height="60mm"/);
});

test("the title stands above only where it is asked for, and one curve alone has no legend", () => {
  const count = (title: boolean): number =>
    texts(figureOf(shown([curve("only", [1, 2])]), { ...USUAL, title }).marks).filter((text) => text === "train/loss").length;
  assert.deepEqual([count(false), count(true)], [0, 1]);
  assert.ok(!texts(figureOf(shown([curve("only", [1, 2])]), USUAL).marks).includes("only"));
});

test("names become no markup in SVG, and are escaped whole", () => {
  const svg = svgOf(figureOf(shown([curve('<script>alert("1")</script>', [1]), curve("a & b\u0007", [2])]), { ...USUAL, width: 300 }));
  assert.doesNotMatch(svg, /<script/);
  assert.match(svg, /&lt;script&gt;alert\(&quot;1&quot;\)/);
  assert.match(svg, /a &amp; b</);
});

test("a value that is not finite breaks the line and leaves its mark", () => {
  const broken = curve("a", [1, NaN, 3, 4], { notFinite: [{ x: 1, lastX: 1, step: 1, value: "NaN", count: 1 }] as Curve["notFinite"] });
  const marks = all(figureOf(shown([broken]), USUAL).marks);
  const lines = marks.flatMap((mark) => (mark.kind === "line" && mark.stroke.color === "#0072b2" ? [mark] : []));
  assert.equal(lines[0]?.lines.length, 1, "two neighbours are a line");
  assert.ok(
    marks.some((mark) => mark.kind === "area" && mark.color === "#0072b2" && mark.rings[0]?.length === 24),
    "one alone is a dot",
  );
  assert.ok(
    lines.some(({ stroke }) => stroke.dash?.length === 2),
    "a dashed line where it began",
  );
  assert.doesNotMatch(svgOf(figureOf(shown([broken]), USUAL)), /NaN|Infinity/);
});

test("a log axis leaves out what is not above zero, and numbers in the file stay finite", () => {
  const drawing = figureOf(
    shown([curve("a", [0, 1, 10, 100], { low: [-1, 1, 5, 50], high: [1, 2, 20, 200] })], {
      yLog: true,
      y: { label: "y", unit: undefined, range: [1, 100] },
    }),
    USUAL,
  );
  const file = new TextDecoder("latin1").decode(pdfOf(drawing).bytes);
  assert.doesNotMatch(svgOf(drawing) + file, /NaN|Infinity/);
  assert.ok(texts(drawing.marks).includes("10"));
});

test("thirty lines are told apart without colours", () => {
  const many = Array.from({ length: 30 }, (_, at) => curve(`run ${at}`, [1, 2]));
  const looks = looksOf(many, true, 1).map(({ dash, shape }) => `${dash.join()} ${shape}`);
  assert.equal(new Set(looks).size, 30);
  assert.equal(new Set(looksOf(many, false, 1).map(({ dash, shape }) => `${dash.join()} ${shape}`)).size, 1);
});

test("lines of several metrics keep the dashes that the page gives them", () => {
  const lines = [curve("a", [1]), curve("a2", [1], { dash: 1 }), curve("b", [1]), curve("b2", [1], { dash: 1 })];
  const looks = looksOf(lines, true, 1);
  assert.deepEqual(looks[0]?.dash, looks[2]?.dash);
  assert.notEqual(looks[0]?.shape, looks[2]?.shape);
});

test("colours of the dark page become those for paper", () => {
  assert.match(svgOf(figureOf(shown([curve("a", [1, 2, 3])]), USUAL)), /#0072b2/);
});

test("a long list of curves is cut where its names would leave no room", () => {
  const many = Array.from({ length: 200 }, (_, at) => curve(`a run with a long name ${at}`, [1, 2]));
  const said = texts(figureOf(shown(many), USUAL).marks);
  assert.ok(said.some((text) => /^\+\d+ more$/.test(text)));
});

test("a PDF's table of objects has their places", () => {
  const bytes = pdfOf(figureOf(shown([curve("naïve (α → ∞)", [1, 2, 3]), curve("b\\)", [1])]), USUAL)).bytes;
  const file = new TextDecoder("latin1").decode(bytes);
  const rows = [...file.matchAll(/^(\d{10}) 00000 n $/gm)];
  assert.equal(rows.length, 6);
  rows.forEach(([, place], at) => assert.ok(file.slice(Number(place)).startsWith(`${at + 1} 0 obj`)));
  const table = Number(/startxref\n(\d+)/.exec(file)?.[1]);
  assert.ok(file.slice(table).startsWith("xref"));
  const [, length, content = ""] = /\/Length (\d+) >>\nstream\n([\s\S]*)endstream/.exec(file) ?? [];
  assert.equal(content.length, Number(length));
});

test("letters that PDF's own fonts lack are written otherwise or told", () => {
  assert.deepEqual(winAnsi("α→∞").lost, []);
  assert.equal(String.fromCharCode(...winAnsi("a → ∞").bytes), "a -> inf");
  assert.deepEqual(winAnsi("é€").bytes, [233, 128]);
  assert.deepEqual(pdfOf(figureOf(shown([curve("学习", [1]), curve("b", [1])]), USUAL)).lost, ["学", "习"]);
});

test("texts are as long as Adobe's tables say, and cut where they are longer than their room", () => {
  assert.equal(widthOf("loss", 1000, "sans"), 222 + 556 + 500 + 500);
  assert.equal(fitted("loss", 100, 8, "sans"), "loss");
  const cut = fitted("a very long name of a run", 40, 8, "serif");
  assert.ok(cut.endsWith("…") && widthOf(cut, 8, "serif") <= 40);
});

test("a kept choice of another version counts as far as it is one", () => {
  assert.deepEqual(readChoice(null), USUAL);
  assert.deepEqual(readChoice("{"), USUAL);
  assert.deepEqual(readChoice('{"width":1e9,"height":90,"font":"comic","size":"x","title":1,"grey":false}'), {
    ...USUAL,
    height: 90,
    grey: false,
  });
  assert.equal(within("width", ""), null);
  const slide = PRESETS[2];
  assert.equal(slide && presetOf({ ...USUAL, ...slide })?.name, "slide");
  assert.equal(presetOf({ ...USUAL, width: 84 }), null);
});

test("ticks of time are round and as exact as their steps", () => {
  const day = Date.UTC(2026, 2, 1) / 1000;
  const hours = timeTicks([day, day + 6 * 3600], 6);
  assert.ok(hours.length >= 5 && hours.every(({ text }) => /^\d\d:00$/.test(text)));
  assert.ok(timeTicks([day, day + 20], 5).every(({ text }) => /^\d\d:\d\d:\d\d$/.test(text)));
  assert.ok(timeTicks([day, day + 40 * 86_400], 5).every(({ text }) => /^\d+ [A-Z][a-z]{2}$/.test(text)));
  assert.equal(timeTicks([day, day], 5).length, 1);
});

test("what lies far outside of a figure is no number that readers do not know", () => {
  const far = curve("a", [1, 1e30, 2, -1e300, 1.7e308], { low: [0, -1e308, 0, 0, 0], high: [1, 1e308, 1, 1, 1e308] });
  const figures = [
    shown([far], { xRange: [0, 5] }),
    shown([far], { y: { label: "y", unit: undefined, range: [1, 1 + 1e-15] } }),
    shown([curve("a", [1, 2, 3], { x: [0, 1e15, 1e300] })], { xRange: [0, 1e-3] }),
    shown([curve("a", [NaN, NaN])], { y: { label: "y", unit: undefined, range: [NaN, NaN] } }),
  ];
  for (const each of figures) {
    const drawing = figureOf(each, USUAL);
    const content = /stream\n([\s\S]*)endstream/.exec(new TextDecoder("latin1").decode(pdfOf(drawing).bytes))?.[1] ?? "";
    const words = content.split(/[\s[\]]+/).filter((word) => word !== "" && !/^(<[0-9a-f]*>|[A-Za-z*]+|\/\w+)$/.test(word));
    for (const word of words) assert.match(word, /^-?\d{1,5}(\.\d+)?$/);
    const svg = svgOf(drawing).replace(/<(text|title)[^]*?<\/\1>|#[0-9a-f]{6}/g, "");
    assert.doesNotMatch(svg, /NaN|Infinity|\de[+-]?\d/);
  }
});

test("a title is cut in one pass, however long it is", () => {
  const before = performance.now();
  assert.match(fitted("x".repeat(1_000_000), 100, 8, "sans"), /^x{20,30}…$/);
  assert.ok(performance.now() - before < 1000);
});
