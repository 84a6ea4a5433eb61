/** Fails unless the committed bundle is, byte by byte, what the sources make, and small. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { makePage } from "./make.ts";

/** All files of the page together, gzipped, and those that its first picture waits for. */
const MOST_BYTES = 192 * 1024;
const MOST_FIRST_BYTES = 110 * 1024;
const FIRST = ["index.html", "app.js", "app.css"];
/** What `tracker report` puts into its file, and no browser fetches. */
const OF_REPORTS = "report.js";

const committed = join(import.meta.dirname, "../dist");
const made = mkdtempSync(join(tmpdir(), "tracker-bundle-"));

function files(folder: string): Map<string, Buffer> {
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

await makePage(made);
const [ours, theirs] = [files(committed), files(made)];
rmSync(made, { recursive: true });

const names = [...new Set([...ours.keys(), ...theirs.keys()])];
const differing = names.filter((name) => !ours.get(name)?.equals(theirs.get(name) ?? Buffer.alloc(0)));
if (differing.length > 0) {
  console.error(`dist is not what the sources make: ${differing.join(", ")}\nhint: npm run build, and commit tracker-cli/web/dist`);
  process.exit(1);
}
const weigh = (names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + gzipSync(theirs.get(name) ?? "", { level: 9 }).length, 0);
const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
const [weight, first] = [weigh([...theirs.keys()].filter((name) => name !== OF_REPORTS)), weigh(FIRST)];
console.log(
  `the bundle is the sources', ${kib(weight)} KiB gzipped of ${kib(MOST_BYTES)}, ${kib(first)} of ${kib(MOST_FIRST_BYTES)} first`,
);
if (weight > MOST_BYTES || first > MOST_FIRST_BYTES) {
  console.error("the bundle is too heavy\nhint: leave a dependency out, or fetch a part when it is shown, with `lazy`");
  process.exit(1);
}
