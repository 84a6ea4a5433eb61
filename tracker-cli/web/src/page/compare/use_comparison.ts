import { useEffect, useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import type { Comparison, Run } from "../../data/types.ts";

/** What differs beside the metrics; asked for anew when other runs are chosen. */
export function useComparison(runs: readonly Run[]): { comparison: Comparison | null; failed: ApiError | null } {
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const ids = runs.map((run) => run.id);
  useEffect(() => {
    let wanted = true;
    api.compare(ids).then(
      (fetched) => {
        if (wanted) {
          setComparison(fetched);
          setFailed(null);
        }
      },
      (thrown) => {
        if (wanted) setFailed(asApiError(thrown));
      },
    );
    return () => {
      wanted = false;
    };
  }, [ids.join()]);
  return { comparison, failed };
}
