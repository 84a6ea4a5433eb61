import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { setView, view } from "../../data/route.ts";
import type { Difference, Run, Typed } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { typedText } from "../../model/typed.ts";
import { Switch } from "../../part/board_tools.tsx";
import { CutText } from "../../part/cut_text.tsx";
import { useFirstRows } from "../../part/first_rows.tsx";
import { Empty } from "../../part/notice.tsx";
import { RunHeads } from "./run_heads.tsx";
import type { Looks } from "../../model/palette.ts";
import { keyScrolled } from "../../part/key_scrolled.ts";

interface DifferencesProps {
  runs: readonly Run[];
  /** The ids in the order in which each row has its values. */
  of: readonly string[];
  rows: readonly Difference[];
  /** What a row is called: `setting` or `fact`. */
  what: string;
  looks: Looks;
}

/** What differs, a row each; what is the same only where it is asked for. */
export function Differences({ runs, of, rows, what, looks }: DifferencesProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const { same } = view.value;
  const differing = rows.filter((row) => row.differs);
  const found = (same ? rows : differing).filter((row) => row.path.toLowerCase().includes(typed.toLowerCase()));
  const shown = runs.filter((run) => of.includes(run.id));
  const first = useFirstRows(found);
  return (
    <>
      <div class="row">
        <input
          type="text"
          aria-label={`Find a ${what}`}
          placeholder={`Find a ${what}`}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <Switch action="same" text="equal ones too" on={same} onTurn={(on) => setView({ same: on })} />
        <span class="muted tiny">
          {differing.length} of {rows.length} differ
        </span>
      </div>
      {found.length === 0 ? (
        <Nothing rows={rows.length} what={what} typed={typed} />
      ) : (
        <div ref={keyScrolled} class="card scroll-box">
          <table class="plain-table sticky-table">
            <thead>
              <tr>
                <th scope="col">{what}</th>
                <RunHeads runs={shown} looks={looks} />
              </tr>
            </thead>
            <tbody>
              {first.shown.map((row) => (
                <Row key={row.path} row={row} ids={shown.map((run) => run.id)} of={of} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {first.rest}
    </>
  );
}

function Nothing({ rows, what, typed }: { rows: number; what: string; typed: string }): JSX.Element {
  if (typed !== "")
    return (
      <Empty title={`No ${what} has these letters`}>
        <p>Only what differs is searched, unless “equal ones too” is on.</p>
      </Empty>
    );
  if (rows === 0) return <Empty title={`No ${what} is known`} />;
  return (
    <Empty title={`No ${what} differs`}>
      <p>All {rows} that are known are equal; “equal ones too” lists them.</p>
    </Empty>
  );
}

function Row({ row, ids, of }: { row: Difference; ids: readonly string[]; of: readonly string[] }): JSX.Element {
  return (
    <tr data-path={row.path} data-differs={row.differs}>
      <th scope="row" class="mono" title={oneLine(row.path)}>
        <CutText text={oneLine(row.path)} />
      </th>
      {ids.map((id) => (
        <Cell key={id} value={row.values[of.indexOf(id)] ?? row.values[0]} />
      ))}
    </tr>
  );
}

function Cell({ value }: { value: Typed | undefined }): JSX.Element {
  const kind = value?.kind ?? "missing";
  return (
    <td class="mono plain-text" data-kind={kind} title={kind}>
      {kind === "missing" ? <span class="muted">missing</span> : (value?.exact ?? typedText(value?.value ?? null))}
    </td>
  );
}
