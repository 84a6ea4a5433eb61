import type { JSX } from "preact";
import { namesakes } from "../data/state.ts";
import { to } from "../data/route.ts";
import type { Run } from "../data/types.ts";
import { oneLine } from "../model/safe_text.ts";
import { CutText } from "./cut_text.tsx";
import { Link } from "./link.tsx";

/** The run's name; with its short id where another run has the same. */
export function runLabel(run: Run): string {
  const name = oneLine(run.name);
  return namesakes.value.has(run.id) ? `${name} · ${run.short_id}` : name;
}

/** The name as a link to the run's page; `short` is shown in its place where the whole one would not fit. */
export function RunName({ run, short, class: name = "" }: { run: Run; short?: string | undefined; class?: string }): JSX.Element {
  return (
    <Link href={to.run(run.id)} class={`run-name ${name}`} title={`${oneLine(run.name)} · ${run.id}`} label={runLabel(run)}>
      <CutText text={oneLine(short ?? run.name)} />
      {namesakes.value.has(run.id) && <span class="muted run-id"> · {run.short_id}</span>}
    </Link>
  );
}
