import { useEffect, useRef, useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import { runs } from "../../data/state.ts";
import type { Groups } from "../../data/types.ts";

/** Runs that train change the list twice a second; groups are asked for anew no more often than this. */
const PAUSE_MILLISECONDS = 1000;

export interface GroupsAnswer {
  groups: Groups | null;
  failed: ApiError | null;
}

/** What the server says of groups; asked for anew with another question, and when runs have changed. Null asks for nothing. */
export function useGroups(question: string | null): GroupsAnswer {
  const [answer, setAnswer] = useState<GroupsAnswer>({ groups: null, failed: null });
  const last = useRef({ question: "", at: -Infinity });
  useEffect(() => {
    if (question === null) return undefined;
    let wanted = true;
    const asked = last.current;
    const wait = asked.question === question ? Math.max(0, asked.at + PAUSE_MILLISECONDS - performance.now()) : 0;
    const timer = setTimeout(() => {
      last.current = { question, at: performance.now() };
      api.groups(question).then(
        (groups) => wanted && setAnswer({ groups, failed: null }),
        (thrown: unknown) => wanted && setAnswer((known) => ({ ...known, failed: asApiError(thrown) })),
      );
    }, wait);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [question, runs.value]);
  return answer;
}
