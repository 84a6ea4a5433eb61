import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../data/api.ts";
import type { Run } from "../data/types.ts";
import { oneLine } from "../model/safe_text.ts";
import { useFetched } from "../page/run/use_detail.ts";
import { MediaCell } from "./media_table.tsx";
import { Loading } from "./notice.tsx";
import { RowPages } from "./row_pages.tsx";
import { runLabel } from "./run_name.tsx";
import { keyScrolled } from "./key_scrolled.ts";

/** The rows of one page. */
const PAGE = 50;

interface MediaJoinedProps {
  runs: readonly Run[];
  name: string;
  step: string | null;
  /** What is shown where they cannot be joined: they have no key, or this is a report. */
  otherwise: JSX.Element;
}

/** The tables of one name of several runs, row by row: a row for each key, with the cells of each run. */
export function MediaJoined({ runs, name, step, otherwise }: MediaJoinedProps): JSX.Element {
  const [from, setFrom] = useState(0);
  const ids = runs.map((run) => run.id);
  const { value, failure } = useFetched(
    () => api.joinTables({ runs: ids, name, step, from, count: PAGE }),
    `${ids.join(" ")} ${name} ${step} ${from}`,
  );
  if (failure) return otherwise;
  if (!value) return <Loading what="the tables" />;
  const columns = value.columns.map((of) => (of ?? []).flatMap((column, at) => (column.name === value.key ? [] : [{ ...column, at }])));
  return (
    <div class="media-table" data-joined={name}>
      <RowPages
        from={from}
        shown={value.rows.length}
        page={PAGE}
        of={value.of}
        words={`${value.of}, by ${oneLine(value.key)}`}
        onGo={setFrom}
      />
      <div ref={keyScrolled} class="media-rows">
        <table class="plain-table">
          <thead>
            <tr>
              <th rowSpan={2}>{oneLine(value.key)}</th>
              {runs.map((run, at) => (
                <th key={run.id} colSpan={Math.max(1, columns[at]?.length ?? 0)}>
                  {runLabel(run)}
                </th>
              ))}
            </tr>
            <tr>
              {runs.map((run, at) =>
                columns[at]?.length ? (
                  columns[at].map(({ name }) => <th key={`${run.id} ${name}`}>{oneLine(name)}</th>)
                ) : (
                  <th key={run.id} />
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {value.rows.map((row, number) => (
              <tr key={from + number}>
                <td>
                  <MediaCell run={ids[0] ?? ""} value={row.key} />
                </td>
                {runs.map((run, at) =>
                  columns[at]?.length ? (
                    columns[at].map((column) => (
                      <td key={`${run.id} ${column.name}`}>
                        <MediaCell run={run.id} value={row.cells[at]?.[column.at]} />
                      </td>
                    ))
                  ) : (
                    <td key={run.id} />
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
