/** What a chart shows, for people who cannot see it. */
import type { Definitions, Run } from "../data/types.ts";
import { bestRuns, summaryOf } from "./column.ts";
import { formatNumber, numberOf } from "./format.ts";

/** More values than this are found sooner in the table. */
const MOST = 12;

/** The number of runs, the best one, and each run's last value. */
export function chartWords(runs: readonly Run[], metric: string, definitions: Definitions, label: (run: Run) => string): string {
  const unit = definitions[metric]?.unit ?? null;
  const logged = runs.filter((run) => run.summary[metric]);
  const best = bestRuns(logged, metric, definitions);
  const winner = logged.length > 1 ? logged.find((run) => best.has(run.id)) : undefined;
  const parts = [`${metric}: curves of ${logged.length} ${logged.length === 1 ? "run" : "runs"}.`];
  if (winner) parts.push(`Best: ${label(winner)}, ${formatNumber(summaryOf(winner, metric) ?? NaN, unit)}.`);
  const last = logged.slice(0, MOST).map((run) => `${label(run)} ${formatNumber(numberOf(run.summary[metric]?.last) ?? NaN, unit)}`);
  if (last.length > 0)
    parts.push(`Last values: ${last.join("; ")}${logged.length > MOST ? `; and ${logged.length - MOST} more, in the table` : ""}.`);
  return parts.join(" ");
}
