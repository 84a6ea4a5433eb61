import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { fileName, save } from "../chart/export.ts";
import { api, asApiError } from "../data/api.ts";
import type { ApiError } from "../data/api.ts";
import { definitions } from "../data/state.ts";
import type { Run } from "../data/types.ts";
import { reportCharts } from "../model/report_charts.ts";
import { oneLine } from "../model/safe_text.ts";
import { Modal } from "./modal.tsx";
import { Failure } from "./notice.tsx";

interface ReportDialogProps {
  runs: readonly Run[];
  onClose(): void;
}

/** More names than this are found by typing. */
const MOST_SHOWN = 100;

/** Title, words and charts of a report, which is then saved as one file that opens without a server. */
export function ReportDialog({ runs, onClose }: ReportDialogProps): JSX.Element {
  const { all, usual } = useMemo(() => reportCharts(runs, definitions.value), []);
  const [title, setTitle] = useState(usualTitle(runs));
  const [notes, setNotes] = useState(runs.length === 1 ? (runs[0]?.notes ?? "") : "");
  const [charts, setCharts] = useState<readonly string[]>(usual);
  const [filter, setFilter] = useState("");
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const found = all.filter((metric) => metric.toLowerCase().includes(filter.trim().toLowerCase()));
  const turn = (metric: string): void =>
    setCharts(charts.includes(metric) ? charts.filter((each) => each !== metric) : [...charts, metric]);
  const make = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    api.report({ runs: runs.map(({ id }) => id), title, notes, charts: [...charts] }).then(
      (file) => {
        save(file, fileName(title.trim() || "report", "html"));
        onClose();
      },
      (thrown) => {
        setBusy(false);
        setFailure(asApiError(thrown));
      },
    );
  };
  return (
    <Modal name="report" label="Report" onClose={onClose}>
      <form class="report-dialog" onSubmit={make}>
        <label>
          Title
          <input
            type="text"
            data-input="report-title"
            maxLength={200}
            value={title}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        </label>
        <label>
          Words, in Markdown
          <textarea rows={7} data-input="report-notes" value={notes} onInput={(event) => setNotes(event.currentTarget.value)} />
        </label>
        <fieldset>
          <legend>
            Charts <span class="muted tiny">{charts.length} chosen</span>
          </legend>
          <input
            type="text"
            aria-label="Find a chart"
            placeholder="Find a chart"
            data-input="report-filter"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
          <div class="report-charts">
            {found.slice(0, MOST_SHOWN).map((metric) => (
              <label key={metric} class="row">
                <input type="checkbox" data-report-chart={metric} checked={charts.includes(metric)} onChange={() => turn(metric)} />
                <span class="clip">{oneLine(metric)}</span>
              </label>
            ))}
            {found.length > MOST_SHOWN && <p class="muted tiny">{found.length - MOST_SHOWN} more: type a part of the name</p>}
          </div>
        </fieldset>
        {failure && <Failure error={failure} />}
        <div class="row">
          <span class="muted tiny grow">
            {runs.length} {runs.length === 1 ? "run" : "runs"} with all that they hold, in one file. Print it from the browser.
          </span>
          <button type="button" class="button small" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button small main" data-action="save-report" disabled={busy}>
            {busy ? "Making it…" : "Save report"}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function usualTitle(runs: readonly Run[]): string {
  const [first, ...more] = runs;
  if (!first) return "";
  return more.length === 0 ? oneLine(first.name) : oneLine(first.project);
}
