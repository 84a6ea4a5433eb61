import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import { follow } from "../../data/live.ts";
import { to } from "../../data/route.ts";
import { runsById } from "../../data/state.ts";
import { dark } from "../../data/theme.ts";
import { runColor } from "../../model/palette.ts";
import { ChartBoard } from "../../part/chart_board.tsx";
import { Failure, Loading } from "../../part/notice.tsx";
import { StateMark } from "../../part/state_mark.tsx";
import { TopBar } from "../../part/top_bar.tsx";

/** One run: its state and its charts. */
export function RunPage({ id }: { id: string }): JSX.Element {
  const [failure, setFailure] = useState<ApiError | null>(null);
  useEffect(() => {
    api.run(id).then((run) => follow(run.project), (thrown) => setFailure(asApiError(thrown)));
  }, [id]);
  const run = runsById.value.get(id);
  const shown = useMemo(() => (run ? [run] : []), [run]);
  const colors = new Map([[id, runColor(id, dark.value)]]);
  return (
    <>
      <TopBar crumbs={run ? [{ text: run.project, href: to.project(run.project) }, { text: run.name }] : []} />
      <main class="stage" data-page="run">
        {failure && <Failure error={failure} />}
        {!run && !failure && <Loading what="the run" />}
        {run && <p><StateMark state={run.state} message={run.message} words /></p>}
        {run && <ChartBoard runs={shown} colors={colors} />}
      </main>
    </>
  );
}
