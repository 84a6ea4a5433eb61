import assert from "node:assert/strict";
import { test } from "node:test";
import { formatChoice, usualChoice } from "../src/model/chart_choice.ts";
import { shownOf, viewOfShown, viewWord } from "../src/model/saved_view.ts";
import { defaultView, formatRoute, parseRoute } from "../src/model/url_state.ts";
import type { View } from "../src/model/url_state.ts";

const sized = formatChoice({ ...usualChoice("m:train/loss"), size: { columns: 2, height: 320 }, zoom: { x: "step", range: [1, 9] } });
const view: View = {
  ...defaultView(),
  query: "lr < 0.01",
  descending: false,
  groupBy: "group",
  grouped: true,
  smooth: 0.6,
  columns: ["config:lr"],
  charts: [sized],
  pins: ["m:train/loss", "c:1"],
  hidden: ["m:spike"],
  order: ["m:b", "m:a"],
};

test("a view comes back from its file, and only what differs from the usual one stands there", () => {
  const shown = shownOf(view);
  assert.deepEqual(Object.keys(shown).sort(), [
    "charts",
    "columns",
    "descending",
    "groupBy",
    "grouped",
    "hidden",
    "order",
    "pins",
    "query",
    "smooth",
  ]);
  assert.deepEqual(viewOfShown(JSON.parse(JSON.stringify(shown))), { view, notes: [] });
  assert.deepEqual(shownOf(defaultView()), {});
});

test("the layout stands in the address, and what is at its default is left out", () => {
  const address = formatRoute({
    page: "project",
    project: "p",
    view: { ...defaultView(), pins: ["m:a"], hidden: ["m:b"], order: ["m:c"] },
  });
  assert.equal(address, "/p/p?pin=m%3Aa&off=m%3Ab&order=m%3Ac");
  const url = new URL(formatRoute({ page: "project", project: "p", view }), "http://x");
  assert.deepEqual(parseRoute(url.pathname, url.search), { page: "project", project: "p", view });
});

test("what a later page has written besides is told and kept", () => {
  const later = { ...shownOf(view), hovered: { step: 3 } };
  const read = viewOfShown(later);
  assert.deepEqual(read.view, view);
  assert.match(read.notes.join(), /“hovered” is not known/);
  assert.deepEqual(shownOf({ ...view, smooth: 0.1 }, later)["hovered"], { step: 3 });
});

test("what makes no sense is told and left out", () => {
  const { view: read, notes } = viewOfShown({ smooth: "much", pins: "m:a", hidden: [1], x: "relative", band: "wide" });
  assert.deepEqual(read, { ...defaultView(), x: "relative" });
  assert.equal(notes.length, 3);
});

test("of ten thousand pins the first hundred are taken, which is told", () => {
  const { view: read, notes } = viewOfShown({ pins: Array.from({ length: 10_000 }, (_, at) => `m:${at}`) });
  assert.equal(read.pins.length, 100);
  assert.match(notes.join(), /10000 entries, of which the first 100 are taken/);
});

test("which tab is open makes no other view", () => {
  assert.equal(viewWord({ ...view, tab: "table" }), viewWord(view));
  assert.notEqual(viewWord({ ...view, pins: [] }), viewWord(view));
});
