import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { select, selectAll, selected } from "../../data/many.ts";
import { saved } from "../../data/saved.ts";
import type { Run } from "../../data/types.ts";
import { runLabel } from "../../part/run_name.tsx";

/** Selects a run; with Shift, all from the one that was clicked before. `order` is the list as it stands. */
export function SelectBox({ run, order }: { run: Run; order: readonly Run[] }): JSX.Element | null {
  if (saved) return null;
  return (
    <input
      type="checkbox"
      class="select"
      data-select={run.id}
      checked={selected.value.has(run.id)}
      aria-label={`Select ${runLabel(run)}`}
      title="Select. With Shift: all from the last one"
      onClick={(event) => select(run.id, event.currentTarget.checked, event.shiftKey ? order.map(({ id }) => id) : null)}
    />
  );
}

/** Selects all runs of a list, however many are on the screen. */
export function SelectAll({ runs, words = false }: { runs: readonly Run[]; words?: boolean }): JSX.Element | null {
  const box = useRef<HTMLInputElement>(null);
  const count = selected.value.size === 0 ? 0 : runs.filter(({ id }) => selected.value.has(id)).length;
  useLayoutEffect(() => {
    if (box.current) box.current.indeterminate = count > 0 && count < runs.length;
  });
  if (saved || runs.length === 0) return null;
  const input = (
    <input
      ref={box}
      type="checkbox"
      class="select-all"
      data-action="select-all"
      checked={count === runs.length}
      aria-label={`Select all ${runs.length} runs of the list`}
      title="Select all runs that fit the search"
      onClick={(event) =>
        selectAll(
          runs.map(({ id }) => id),
          event.currentTarget.checked,
        )
      }
    />
  );
  return words ? <label class="row">{input} select</label> : input;
}
