import { useEffect, useRef, useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import { follow } from "../../data/live.ts";
import { revision, runs } from "../../data/state.ts";
import type { RunDetail } from "../../data/types.ts";

interface Detail {
  run: RunDetail | null;
  failure: ApiError | null;
  /** Fetches now, such as after an edit. */
  again(): void;
}

const LEAST_MS = 2000;

/** One run with all that its page shows: fetched anew when the store says that something changed, every two seconds at most. */
export function useDetail(id: string): Detail {
  const [run, setRun] = useState<RunDetail | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const last = useRef(0);
  const fetchNow = (): void => {
    last.current = performance.now();
    api.run(id).then(
      (fetched) => {
        setRun(fetched);
        setFailure(null);
      },
      (thrown) => setFailure(asApiError(thrown)),
    );
  };
  useEffect(fetchNow, [id]);
  useEffect(() => {
    if (run) follow(run.project);
  }, [run?.project]);
  useEffect(() => {
    const wait = Math.max(LEAST_MS - (performance.now() - last.current), 0);
    const timer = setTimeout(fetchNow, wait);
    return () => clearTimeout(timer);
  }, [runs.value, id]);
  return { run, failure, again: fetchNow };
}

/** What else belongs to the run, fetched when it is first looked at and, unless it stays as it is, whenever the run has grown. */
export function useFetched<T>(fetch: () => Promise<T>, key: string, stays = false): { value: T | null; failure: ApiError | null } {
  const [value, setValue] = useState<T | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const grown = stays ? 0 : Math.floor(revision.value / 4);
  useEffect(() => {
    let wanted = true;
    fetch().then(
      (fetched) => {
        if (wanted) {
          setValue(fetched);
          setFailure(null);
        }
      },
      (thrown) => {
        if (wanted) setFailure(asApiError(thrown));
      },
    );
    return () => {
      wanted = false;
    };
  }, [key, grown]);
  return { value, failure };
}
