/** Makes the files that the command embeds. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import type { Rollup } from "vite";

const root = join(import.meta.dirname, "..");

/** The page, in parts that are fetched as they are shown, and `report.js`, which has all of it in one file. */
export async function makePage(folder: string): Promise<void> {
  const quiet = { root, logLevel: "error" } as const;
  await build({ ...quiet, build: { outDir: folder, emptyOutDir: true } });
  const whole = { write: false, rollupOptions: { output: { codeSplitting: false } } } as const;
  const made = (await build({ ...quiet, build: whole })) as Rollup.RollupOutput;
  const [script] = made.output.filter((file) => file.type === "chunk");
  if (!script) throw new Error("a report has no script");
  writeFileSync(join(folder, "report.js"), script.code);
}
