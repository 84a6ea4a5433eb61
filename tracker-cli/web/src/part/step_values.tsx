import type { JSX } from "preact";
import { view } from "../data/route.ts";
import { definitions } from "../data/state.ts";
import type { ValueAt } from "../data/types.ts";
import { signed } from "../model/delta.ts";
import { formatNumber, numberOf } from "../model/format.ts";
import type { Looks } from "../model/palette.ts";
import { oneLine } from "../model/safe_text.ts";
import { filterMetrics, sectionsOf } from "../model/sections.ts";
import { CutText } from "./cut_text.tsx";
import { Exact } from "./exact.tsx";
import { useFirstRows } from "./first_rows.tsx";
import { runLabel } from "./run_name.tsx";
import type { SideAtStep } from "./step_panel.tsx";
import { Swatch } from "./swatch.tsx";
import { keyScrolled } from "./key_scrolled.ts";

/** Rows at first: watched models have hundreds of metrics. */
const FIRST = 60;

interface ValuesAtStepProps {
  sides: readonly SideAtStep[];
  looks: Looks;
  baseline: string;
  step: string;
}

/** The value of each metric that the page shows, a column a run; one of an earlier step says so. */
export function ValuesAtStep({ sides, looks, baseline, step }: ValuesAtStepProps): JSX.Element {
  const columns = sides.map(({ at }) => new Map(at.values.map((value) => [value.metric, value])));
  const all = sectionsOf(columns.flatMap((column) => [...column.keys()])).flatMap((section) => section.metrics);
  const { metrics } = filterMetrics(
    all.filter((metric) => !definitions.value[metric]?.hidden),
    view.value.metrics,
  );
  const first = useFirstRows(metrics, FIRST);
  if (metrics.length === 0) return <p class="muted">No metric has a value up to this step.</p>;
  const hasBaseline = sides.length > 1 && sides[0]?.run.id === baseline;
  return (
    <>
      <div ref={keyScrolled} class="scroll-box">
        <table class="plain-table step-values">
          <thead>
            <tr>
              <th scope="col">metric</th>
              {sides.map(({ run }) => (
                <th key={run.id} scope="col" class="number">
                  <span class="row step-run" title={runLabel(run)}>
                    <Swatch look={looks.get(run.id)} filled />
                    <span class="clip">{runLabel(run)}</span>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.shown.map((metric) => (
              <tr key={metric} data-metric={metric}>
                <th scope="row" title={oneLine(metric)}>
                  <CutText text={oneLine(metric)} />
                </th>
                {columns.map((column, nth) => (
                  <ValueCell
                    key={sides[nth]?.run.id}
                    value={column.get(metric)}
                    base={hasBaseline && nth > 0 ? columns[0]?.get(metric) : undefined}
                    step={step}
                    unit={definitions.value[metric]?.unit ?? null}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {first.rest}
    </>
  );
}

interface ValueCellProps {
  value: ValueAt | undefined;
  base: ValueAt | undefined;
  step: string;
  unit: string | null;
}

function ValueCell({ value, base, step, unit }: ValueCellProps): JSX.Element {
  if (!value) return <td class="number muted">–</td>;
  const [number, other] = [numberOf(value.value) as number, numberOf(base?.value)];
  const isEarlier = String(value.step) !== step;
  return (
    <td class="number" data-at={value.step}>
      <Exact shown={formatNumber(number, unit)} exact={String(number)} />
      {other !== null && Number.isFinite(number - other) && <span class="muted tiny delta">{signed(number - other, unit)}</span>}
      {isEarlier && <span class="muted tiny step-earlier">at {value.step}</span>}
    </td>
  );
}
