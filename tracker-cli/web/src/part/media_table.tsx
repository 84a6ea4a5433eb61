import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api, asApiError } from "../data/api.ts";
import type { ApiError } from "../data/api.ts";
import { atBase } from "../data/base.ts";
import type { TableRows, TableValue } from "../data/types.ts";
import { cellHash, cellText, nextSort } from "../model/media.ts";
import { oneLine } from "../model/safe_text.ts";
import { Failure, Loading } from "./notice.tsx";
import { RowPages } from "./row_pages.tsx";
import { keyScrolled } from "./key_scrolled.ts";

/** The rows of one page. */
const PAGE = 50;

/** How long nobody types before the rows are asked for. */
const PAUSE_MS = 200;

/** A stored table: its rows sorted, filtered and paged by the server. */
export function MediaTable({ run, sha256 }: { run: string; sha256: string }): JSX.Element {
  const [from, setFrom] = useState(0);
  const [sort, setSort] = useState<string | null>(null);
  const [filter, setFilter] = useState("");
  const [table, setTable] = useState<TableRows | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  useEffect(() => {
    let wanted = true;
    const ask = (): void => {
      api.table(run, sha256, { from, count: PAGE, sort, filter }).then(
        (fetched) => {
          if (!wanted) return;
          setTable(fetched);
          setFailure(null);
        },
        (thrown) => wanted && setFailure(asApiError(thrown)),
      );
    };
    const timer = setTimeout(ask, filter === "" ? 0 : PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [run, sha256, from, sort, filter]);
  if (failure) return <Failure error={failure} />;
  if (!table) return <Loading what="the table" />;
  const matching = table.matching === table.of ? `${table.of}` : `${table.matching} of ${table.of}`;
  const chooseSort = (column: string): void => {
    setSort(nextSort(sort, column));
    setFrom(0);
  };
  return (
    <div class="media-table" data-table={sha256.slice(0, 8)}>
      <div class="row">
        <input
          type="search"
          class="grow"
          data-input="table-filter"
          aria-label="Rows with"
          placeholder="rows with …"
          value={filter}
          onInput={(event) => {
            setFilter(event.currentTarget.value);
            setFrom(0);
          }}
        />
        <RowPages from={from} shown={table.rows.length} page={PAGE} of={table.matching} words={matching} onGo={setFrom} />
      </div>
      <div ref={keyScrolled} class="media-rows">
        <table class="plain-table">
          <thead>
            <tr>
              {table.columns.map(({ name }) => (
                <th key={name} aria-sort={sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none"}>
                  <button type="button" class="quiet" data-sort={name} onClick={() => chooseSort(name)}>
                    {oneLine(name)}
                    {sort === name ? " ↑" : sort === `-${name}` ? " ↓" : ""}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, at) => (
              <tr key={table.from + at}>
                {row.map((value, column) => (
                  <td key={column}>
                    <MediaCell run={run} value={value} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** A cell: its text, or its picture. */
export function MediaCell({ run, value }: { run: string; value: TableValue | undefined }): JSX.Element {
  const hash = cellHash(value);
  if (hash === null) return <span class="plain-text">{cellText(value)}</span>;
  return <img class="media-cell" loading="lazy" src={atBase(`/api/v1/runs/${encodeURIComponent(run)}/media/${hash}`)} alt="" />;
}
