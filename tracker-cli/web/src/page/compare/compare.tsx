import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { follow } from "../../data/live.ts";
import { runs, runsById } from "../../data/state.ts";
import { dark } from "../../data/theme.ts";
import { runColors } from "../../model/palette.ts";
import { ChartBoard } from "../../part/chart_board.tsx";
import { Empty, Loading } from "../../part/notice.tsx";
import { TopBar } from "../../part/top_bar.tsx";
import { RunTable } from "../project/table.tsx";

/** Any runs beside each other: their table and their charts. */
export function Compare({ ids }: { ids: string[] }): JSX.Element {
  useEffect(() => follow(null), []);
  const shown = useMemo(() => ids.flatMap((id) => runsById.value.get(id) ?? []), [ids, runsById.value]);
  const colors = useMemo(() => runColors([...ids].sort(), dark.value), [ids, dark.value]);
  const missing = ids.filter((id) => !runsById.value.has(id));
  return (
    <>
      <TopBar crumbs={[{ text: `${ids.length} runs` }]} />
      <main class="stage" data-page="compare">
        {runs.value === null && <Loading what="runs" />}
        {runs.value !== null && missing.length > 0 && <Empty title="Not all runs are here"><p>{missing.join(", ")}</p></Empty>}
        {shown.length > 0 && <RunTable runs={shown} drawn={shown} colors={colors} />}
        {shown.length > 0 && <ChartBoard runs={shown} colors={colors} />}
      </main>
    </>
  );
}
