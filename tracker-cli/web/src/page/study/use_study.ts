import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import { Asker } from "../../data/asker.ts";
import { revision, runs } from "../../data/state.ts";
import type { StudySurface } from "../../data/types.ts";
import { askFrom, isOver, joined } from "../../model/study.ts";
import type { Study } from "../../model/study.ts";

/** The trial under the pointer, by its number as text: it stands out in all pictures. */
export const litTrial = signal<string | null>(null);

/** A study can change without a run that does, such as by a trial that is queued. */
const LOOK_MS = 3000;

export interface StudyAnswer {
  study: Study | null;
  failure: ApiError | null;
  again(): void;
}

/** A study with all its trials. Those that had ended when they were last fetched are not fetched again. */
export function useStudy(project: string, name: string): StudyAnswer {
  const [study, setStudy] = useState<Study | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const known = useRef<Study | null>(null);
  const asker = useRef<Asker<Study> | null>(null);
  asker.current ??= new Asker(
    async () => fetchStudy(project, name, known.current),
    (answer, failed) => {
      if (answer) {
        known.current = answer;
        setStudy(answer);
      }
      setFailure(answer ? null : asApiError(failed));
    },
  );
  const again = (): void => asker.current?.want(name);
  useEffect(again, [runs.value, revision.value]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && known.current && !isOver(known.current)) again();
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      asker.current?.stop();
    };
  }, []);
  return { study, failure, again };
}

async function fetchStudy(project: string, name: string, known: Study | null): Promise<Study> {
  let study = joined(known, await api.study(project, name, askFrom(known)));
  while (study.all.length < study.trials.all) {
    const more = await api.study(project, name, study.all.length);
    if (more.listed.length === 0) break;
    study = joined(study, more);
  }
  return study;
}

/** What is expected over two parameters; the last answer stays until there is the next one. */
export function useSurface(
  study: Study,
  asked: { x: string; y: string; metric: string } | null,
): { surface: StudySurface | null; failure: ApiError | null } {
  const [answer, setAnswer] = useState<{ surface: StudySurface | null; failure: ApiError | null }>({ surface: null, failure: null });
  const asker = useRef<Asker<StudySurface> | null>(null);
  asker.current ??= new Asker(
    (question) => api.surface(study.project, study.name, JSON.parse(question) as { x: string; y: string; metric: string }),
    (surface, failed) => setAnswer((last) => (surface ? { surface, failure: null } : { ...last, failure: asApiError(failed) })),
    LOOK_MS,
  );
  const ended = study.trials.complete + study.trials.pruned;
  useEffect(() => asker.current?.want(asked && JSON.stringify(asked)), [asked?.x, asked?.y, asked?.metric, ended]);
  useEffect(() => () => asker.current?.stop(), []);
  return answer;
}
