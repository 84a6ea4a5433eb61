import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../../data/api.ts";
import { Asker } from "../../data/asker.ts";
import { to } from "../../data/route.ts";
import { saved } from "../../data/saved.ts";
import { runs } from "../../data/state.ts";
import type { StudyInList } from "../../data/types.ts";
import { oneLine } from "../../model/safe_text.ts";
import { valueText } from "../../model/study.ts";
import { Link } from "../../part/link.tsx";
import "./study.css";

/** More are found by `tracker study ls`. */
const MOST = 12;
const PAUSE_MS = 5000;

/** The studies of a project, each with how far it is and its best value; nothing where there are none. */
export function StudyLinks({ project }: { project: string }): JSX.Element | null {
  const [studies, setStudies] = useState<readonly StudyInList[]>([]);
  const asker = useRef<Asker<StudyInList[]> | null>(null);
  asker.current ??= new Asker(
    async (name) => (await api.studies(name)).studies,
    (answer) => answer && setStudies(answer),
    PAUSE_MS,
  );
  useEffect(() => {
    if (!saved) asker.current?.want(project);
  }, [project, runs.value]);
  useEffect(() => () => asker.current?.stop(), []);
  if (studies.length === 0) return null;
  return (
    <nav class="row wrap study-links" aria-label="Studies">
      <span class="muted">{studies.length === 1 ? "Study" : "Studies"}</span>
      {studies.slice(0, MOST).map((study) => (
        <Link key={study.name} href={to.study(project, study.name)} class="card study-link" action="study">
          <strong class="clip">{oneLine(study.name)}</strong>
          <span class="muted tiny">{shortText(study)}</span>
        </Link>
      ))}
      {studies.length > MOST && <span class="muted tiny">and {studies.length - MOST} more</span>}
    </nav>
  );
}

/** `43 of 60 trials, best 0.9731`. */
function shortText({ told, problem }: StudyInList): string {
  if (!told) return oneLine(problem ?? "cannot be read");
  const { trials, run_cap: cap, best_values: best, front, metrics } = told;
  const begun = trials.all - trials.waiting;
  const words = [
    cap === null ? `${begun} ${begun === 1 ? "trial" : "trials"}` : `${begun} of ${cap} trials`,
    trials.running > 0 && `${trials.running} running`,
    best.length > 0 ? `best ${valueText(best[0])}` : metrics.length > 1 && front > 0 && `${front} at the front`,
  ];
  return words.filter(Boolean).join(", ");
}
