import type { JSX } from "preact";
import { setView, view, viewField } from "../../data/route.ts";
import { definitions } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { summaryOf, titleOf } from "../../model/column.ts";
import { withEyes, withOnly } from "../../model/drawn.ts";
import { formatNumber } from "../../model/format.ts";
import type { Look } from "../../model/palette.ts";
import { oneLine } from "../../model/safe_text.ts";
import { CutText } from "../../part/cut_text.tsx";
import { EyeMark } from "./eye.tsx";

interface GroupRowProps {
  id: string;
  title: string;
  short: string | undefined;
  runs: readonly Run[];
  open: boolean;
  folded: boolean;
  look: Look | undefined;
  onFold(): void;
}

/** The heading of a group in the list: an eye for all of its runs, its name that folds it, and its mean. */
export function GroupRow({ id, title, short, runs, open, folded, look, onFold }: GroupRowProps): JSX.Element {
  const ids = runs.map((run) => run.id);
  const turn = (event: MouseEvent): void => setView(event.altKey ? withOnly(view.value, ids) : withEyes(view.value, ids, !open));
  return (
    <div class="run-row group-row" role="listitem" data-key={id} data-group={title}>
      <button
        type="button"
        class="eye"
        data-action="group-eye"
        aria-pressed={open}
        aria-label={`Show all of ${oneLine(title)}`}
        title={`${open ? "Hide" : "Show"} all of them. With Alt: only these`}
        onClick={turn}
      >
        <EyeMark open={open} look={look} />
      </button>
      <button
        type="button"
        class="group-name grow"
        data-action="fold"
        aria-expanded={!folded}
        aria-label={`${oneLine(title)}, ${runs.length} runs`}
        title={oneLine(title)}
        onClick={onFold}
      >
        <CutText text={oneLine(short ?? title)} />
        <span class="muted tiny">
          {folded ? "▸" : "▾"} {runs.length}
        </span>
      </button>
      <span class="muted tiny rail-value" title="The mean of its runs">
        {groupValue(runs)}
      </span>
    </div>
  );
}

/** The mean over a group's runs of the metric that the list is sorted by. */
function groupValue(runs: readonly Run[]): string {
  const sort = viewField("sort");
  const metric = titleOf(sort);
  if (!sort.startsWith("summary:")) return "";
  const values = runs.map((run) => summaryOf(run, metric)).filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (values.length === 0) return "";
  return formatNumber(values.reduce((sum, value) => sum + value, 0) / values.length, definitions.value[metric]?.unit);
}
