import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RunDetail } from "../../data/types.ts";
import { leavesOf } from "../../model/flatten.ts";
import { oneLine } from "../../model/safe_text.ts";
import { typedText } from "../../model/typed.ts";
import { useFirstRows } from "../../part/first_rows.tsx";
import { Empty } from "../../part/notice.tsx";
import { keyScrolled } from "../../part/key_scrolled.ts";

/** All settings by their paths, with their types to be seen. */
export function Config({ run }: { run: RunDetail }): JSX.Element {
  const [typed, setTyped] = useState("");
  const all = [...leavesOf(run.config)].map(([path, value]): [string, string] => [path, run.config_exact[path] ?? typedText(value)]);
  const found = all.filter(([path, value]) => `${path} ${value}`.toLowerCase().includes(typed.toLowerCase()));
  const first = useFirstRows(found);
  if (all.length === 0)
    return (
      <Empty title="No settings">
        <p>
          A run keeps them when it starts with <code>.config(&amp;settings)</code>: any struct with Serde's <code>Serialize</code>.
        </p>
      </Empty>
    );
  return (
    <>
      <div class="row">
        <input
          type="text"
          data-action="filter-config"
          aria-label="Find a setting"
          placeholder="Find a setting"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <span class="muted tiny">
          {found.length} of {all.length}
        </span>
      </div>
      <div ref={keyScrolled} class="card scroll-box">
        <table class="plain-table">
          <thead class="visually-hidden">
            <tr>
              <th scope="col">setting</th>
              <th scope="col">value</th>
            </tr>
          </thead>
          <tbody>
            {first.shown.map(([path, value]) => (
              <tr key={path} data-path={path}>
                <th scope="row" class="mono">
                  {oneLine(path)}
                </th>
                <td class="mono plain-text">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {first.rest}
    </>
  );
}
