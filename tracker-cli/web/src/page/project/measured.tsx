import type { JSX } from "preact";
import { to, view } from "../../data/route.ts";
import { definitions, runsById } from "../../data/state.ts";
import type { Run } from "../../data/types.ts";
import { exactOf, summaryOf } from "../../model/column.ts";
import type { ColumnId } from "../../model/column.ts";
import { signed } from "../../model/delta.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Link } from "../../part/link.tsx";

/** The way to what differs from the baseline. */
export function WhyLink({ run }: { run: Run }): JSX.Element | null {
  const { baseline } = view.value;
  if (baseline === run.id || !runsById.value.has(baseline)) return null;
  return (
    <Link
      href={to.why(baseline, run.id)}
      class="link only"
      action="why"
      title="What differs from the baseline: results, settings, code, the first step that differs"
      label={`What differs between ${oneLine(run.name)} and the baseline`}
    >
      why
    </Link>
  );
}

/** How far a result is from the baseline's; nothing where that has none. */
export function FromBaseline({ run, base, metric }: { run: Run; base: Run | undefined; metric: string }): JSX.Element | null {
  if (!base || base.id === run.id) return null;
  const [value, other] = [summaryOf(run, metric), summaryOf(base, metric)];
  if (value === null || other === null || !Number.isFinite(value - other)) return null;
  return <span class="muted tiny delta">{signed(value - other, definitions.value[metric]?.unit)}</span>;
}

/** Whether a setting is another one than the baseline's. */
export function differsFrom(base: Run | undefined, run: Run, column: ColumnId): boolean {
  return base !== undefined && base.id !== run.id && column.startsWith("config:") && exactOf(run, column) !== exactOf(base, column);
}
