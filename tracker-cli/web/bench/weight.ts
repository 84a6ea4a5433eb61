/** What the page weighs, gzipped. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Row } from "./row.ts";

const MOST = { all: 140, first: 90 };
const dist = join(import.meta.dirname, "../dist");

/** All files; and those without which nothing is drawn: what `index.html` names, with it. */
export function weight(): Promise<Row[]> {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const sizes = readdirSync(dist).map((name) => ({ name, kib: gzipSync(readFileSync(join(dist, name)), { level: 9 }).length / 1024 }));
  const sum = (of: typeof sizes): number => of.reduce((all, { kib }) => all + kib, 0);
  const first = sizes.filter(({ name }) => name === "index.html" || (html.includes(`/${name}`) && !name.endsWith(".svg")));
  const row = (what: string, kib: number, most: number): Row => ({
    what,
    measured: `${kib.toFixed(1)} KiB`,
    goal: `≤ ${most} KiB`,
    isMet: kib <= most,
  });
  return Promise.resolve([
    row("the page, gzipped in all", sum(sizes), MOST.all),
    row("what of it the first picture needs", sum(first), MOST.first),
  ]);
}
