import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { HistogramOverTime } from "../../chart/index.ts";
import { api } from "../../data/api.ts";
import type { RunDetail } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Failure, Loading } from "../../part/notice.tsx";
import { useFetched } from "./use_detail.ts";

/** How the values of one tensor are spread over the steps. */
export function Histograms({ run }: { run: RunDetail }): JSX.Element {
  const [chosen, setChosen] = useState(run.histograms[0] ?? "");
  const { value, failure } = useFetched(() => api.histograms(run.id, chosen), `${run.id} ${chosen}`);
  return (
    <section class="card pad wide" data-media="histograms">
      <div class="row">
        <h2 class="grow">Histograms</h2>
        <select class="histogram-pick" aria-label="Histogram" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
          {run.histograms.map((name) => (
            <option key={name} value={name}>
              {oneLine(name)}
            </option>
          ))}
        </select>
      </div>
      {failure && <Failure error={failure} />}
      {value ? <HistogramOverTime rows={value.rows} /> : !failure && <Loading what="the histogram" />}
    </section>
  );
}
