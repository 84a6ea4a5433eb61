import { useEffect, useRef, useState } from "preact/hooks";
import { api, asApiError } from "../data/api.ts";
import type { ApiError } from "../data/api.ts";
import { Asker } from "../data/asker.ts";
import { runs } from "../data/state.ts";
import type { RunGroups } from "../data/types.ts";

export interface GroupsAnswer {
  /** What was answered last, also to another question. */
  groups: RunGroups | null;
  failed: ApiError | null;
}

/** What the server says of groups; asked for anew with another question, and when runs have changed. Null asks for nothing. */
export function useGroups(question: string | null): GroupsAnswer {
  const [answer, setAnswer] = useState<GroupsAnswer>({ groups: null, failed: null });
  const asker = useRef<Asker<RunGroups> | null>(null);
  asker.current ??= new Asker(api.groups, (groups, failure) =>
    setAnswer((known) => (groups ? { groups, failed: null } : { ...known, failed: asApiError(failure) })),
  );
  useEffect(() => asker.current?.want(question), [question, runs.value]);
  useEffect(() => () => asker.current?.stop(), []);
  return answer;
}
