import type { ComponentChildren, JSX } from "preact";
import { api } from "../../data/api.ts";
import type { RunDetail, Used, User } from "../../data/types.ts";
import { formatBytes, formatTime } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Failure } from "../../part/notice.tsx";
import { OtherRun } from "../../part/other_run.tsx";
import { useFetched } from "./use_detail.ts";
import { keyScrolled } from "../../part/key_scrolled.ts";

/** What the run used of others, and who used what it made; nothing where there is neither. */
export function Lineage({ run }: { run: RunDetail }): JSX.Element | null {
  const { value, failure } = useFetched(() => api.lineage(run.id), run.id);
  if (failure) return <Failure error={failure} />;
  if (!value) return null;
  return (
    <>
      {value.used.length > 0 && (
        <Table name="used" title="Used" columns={["name", "version", "type", "size", "SHA-256", "made by"]}>
          {value.used.map((used, index) => (
            <UsedRow key={index} used={used} />
          ))}
        </Table>
      )}
      {value.used_by.length > 0 && (
        <Table name="used-by" title="Used by" columns={["run", "project", "artifact", "version", "when"]}>
          {value.used_by.map((user, index) => (
            <UserRow key={index} user={user} />
          ))}
        </Table>
      )}
    </>
  );
}

interface TableProps {
  name: string;
  title: string;
  columns: string[];
  children: ComponentChildren;
}

function Table({ name, title, columns, children }: TableProps): JSX.Element {
  return (
    <section class="card" aria-label={title} data-lineage={name}>
      <div class="row table-title">
        <h2>{title}</h2>
      </div>
      <div ref={keyScrolled} class="scroll-box">
        <table class="plain-table middle">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" class={column === "size" ? "number" : ""}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </section>
  );
}

function UsedRow({ used }: { used: Used }): JSX.Element {
  const files = used.files === null ? "" : `${used.files} files, `;
  return (
    <tr data-used={used.name}>
      <th scope="row" class="clip">
        {oneLine(used.name)}
      </th>
      <td>{oneLine(used.version ?? "")}</td>
      <td>{oneLine(used.type)}</td>
      <td class="number">{used.bytes === null ? "" : `${files}${formatBytes(used.bytes)}`}</td>
      <td class="mono muted" title={oneLine(used.sha256 ?? "")}>
        {oneLine(used.sha256?.slice(0, 12) ?? "")}
      </td>
      <td>{used.run !== null && <OtherRun id={used.run} name={used.run_name} />}</td>
    </tr>
  );
}

function UserRow({ user }: { user: User }): JSX.Element {
  return (
    <tr data-user={user.run_name}>
      <th scope="row" class="clip">
        <OtherRun id={user.run} name={user.run_name} />
      </th>
      <td>{oneLine(user.project)}</td>
      <td>
        {oneLine(user.name)}
        {!user.named && <span class="muted"> (the same bytes)</span>}
      </td>
      <td>{oneLine(user.version)}</td>
      <td>{formatTime(user.time)}</td>
    </tr>
  );
}
