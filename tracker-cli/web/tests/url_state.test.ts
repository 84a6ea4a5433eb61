import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultView, formatRoute, parseRoute } from "../src/model/url_state.ts";
import type { Route } from "../src/model/url_state.ts";

function again(route: Route): Route {
  const url = new URL(formatRoute(route), "http://localhost");
  return parseRoute(url.pathname, url.search);
}

test("each page comes back from its own address", () => {
  const view = { ...defaultView(), query: "lr < 0.01 & x/y", smooth: 0.6, yLog: true, descending: false, hide: ["a", "b"], tab: "table" };
  const routes: Route[] = [
    { page: "home" },
    { page: "project", project: "<b>ü/ %\u202e", view },
    { page: "run", run: "01K", view: defaultView() },
    { page: "compare", runs: ["a", "b"], view },
  ];
  for (const route of routes) assert.deepEqual(again(route), route);
});

test("what is at its default leaves the address alone", () => {
  assert.equal(formatRoute({ page: "project", project: "mnist", view: defaultView() }), "/p/mnist");
});

test("words that the page does not know become the default", () => {
  const route = parseRoute("/p/mnist", "?draw=nothing&smooth=7&band=x&unknown=1");
  assert.deepEqual(route, { page: "project", project: "mnist", view: { ...defaultView(), smooth: 0.99 } });
});

test("a malformed escape and a strange path are unknown pages", () => {
  assert.equal(parseRoute("/p/%E0%A4%A", "").page, "unknown");
  assert.equal(parseRoute("/x/y", "").page, "unknown");
  assert.equal(parseRoute("/p/a/b", "").page, "unknown");
});
