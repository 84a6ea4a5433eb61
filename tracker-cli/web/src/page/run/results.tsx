import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { RunDetail } from "../../data/types.ts";
import { formatNumber, numberOf } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { filterMetrics, sectionsOf } from "../../model/sections.ts";
import { Exact } from "../../part/exact.tsx";
import { keyScrolled } from "../../part/key_scrolled.ts";
import { useWindow } from "../../part/virtual_list.tsx";

const ROW = 30;
/** More rows than this are looked for by their names. */
const MANY = 20;
const TITLES = ["last", "best", "min", "max", "points"];

/** What each metric came to. Of thousands, those near the screen are drawn. */
export function Results({ run }: { run: RunDetail }): JSX.Element {
  const [typed, setTyped] = useState("");
  const all = useMemo(
    () => sectionsOf(Object.keys(run.summary).filter((metric) => !run.definitions[metric]?.hidden)).flatMap((section) => section.metrics),
    [run],
  );
  const { metrics, error } = useMemo(() => filterMetrics(all, typed), [all, typed]);
  const box = useRef<HTMLDivElement>(null);
  const [from, until] = useWindow(box, metrics.length, ROW);
  if (all.length === 0)
    return (
      <section class="card pad">
        <h2>Results</h2>
        <p class="muted">Nothing was logged yet.</p>
      </section>
    );
  return (
    <section class="card" aria-label="Results">
      <div class="row table-title">
        <h2>Results</h2>
        {all.length > MANY && (
          <>
            <input
              type="text"
              data-action="filter-results"
              aria-label="Find a metric"
              aria-invalid={error !== null}
              placeholder="Find, e.g. loss|acc"
              title={error ?? ""}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
            <span class="muted tiny" data-count={metrics.length}>
              {metrics.length} of {all.length}
            </span>
          </>
        )}
        {error && (
          <span class="tiny bad-text" role="alert">
            {error}
          </span>
        )}
      </div>
      <div
        ref={(element) => {
          box.current = element;
          keyScrolled(element);
        }}
        class="scroll-box results-box"
      >
        <table class="plain-table middle results-table">
          <thead>
            <tr>
              <th scope="col">metric</th>
              {TITLES.map((title) => (
                <th key={title} scope="col" class="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Gap rows={from} />
            {metrics.slice(from, until).map((metric) => (
              <Result key={metric} run={run} metric={metric} />
            ))}
            <Gap rows={metrics.length - until} />
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Gap({ rows }: { rows: number }): JSX.Element | null {
  return rows > 0 ? <tr aria-hidden="true" style={{ height: `${rows * ROW}px` }} /> : null;
}

function Result({ run, metric }: { run: RunDetail; metric: string }): JSX.Element {
  const summary = run.summary[metric];
  const unit = run.definitions[metric]?.unit ?? null;
  const cell = (value: Parameters<typeof numberOf>[0]): JSX.Element | null => {
    const number = numberOf(value);
    return number === null ? null : <Exact shown={formatNumber(number, unit)} exact={String(number)} />;
  };
  return (
    <tr data-metric={metric}>
      <th scope="row" class="clip" title={oneLine(metric)}>
        {oneLine(metric)}
      </th>
      <td class="number" data-value="last">
        {cell(summary?.last)}
      </td>
      <td class="number">{cell(summary?.best)}</td>
      <td class="number">{cell(summary?.min)}</td>
      <td class="number">{cell(summary?.max)}</td>
      <td class="number muted">{summary?.count}</td>
    </tr>
  );
}
