/** Fails unless the committed bundle is, byte by byte, what the sources make, and small. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** All files together, gzipped. */
const MOST_BYTES = 140 * 1024;
const committed = join(import.meta.dirname, "../dist");
const made = mkdtempSync(join(tmpdir(), "tracker-bundle-"));

function files(folder: string): Map<string, Buffer> {
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

await build({ root: join(import.meta.dirname, ".."), logLevel: "error", build: { outDir: made, emptyOutDir: true } });
const [ours, theirs] = [files(committed), files(made)];
rmSync(made, { recursive: true });

const names = [...new Set([...ours.keys(), ...theirs.keys()])];
const differing = names.filter((name) => !ours.get(name)?.equals(theirs.get(name) ?? Buffer.alloc(0)));
if (differing.length > 0) {
  console.error(`dist is not what the sources make: ${differing.join(", ")}\nhint: npm run build, and commit tracker-cli/web/dist`);
  process.exit(1);
}
const weight = [...theirs.values()].reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
console.log(`the bundle is the sources', ${(weight / 1024).toFixed(1)} KiB gzipped of ${MOST_BYTES / 1024}`);
if (weight > MOST_BYTES) {
  console.error("the bundle is too heavy\nhint: leave a dependency out");
  process.exit(1);
}
