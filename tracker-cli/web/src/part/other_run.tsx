import type { JSX } from "preact";
import { to } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import { oneLine } from "../model/safe_text.ts";
import { Link } from "./link.tsx";

/** A run of the store by its name; a report links to those alone that it holds. */
export function OtherRun({ id, name }: { id: string; name: string | null }): JSX.Element {
  if (name === null)
    return (
      <span class="muted mono" title="This store has no such run">
        {id}
      </span>
    );
  if (saved && !saved.runs.includes(id)) return <span>{oneLine(name)}</span>;
  return (
    <Link href={to.run(id)} class="run-name" title={id}>
      {oneLine(name)}
    </Link>
  );
}
