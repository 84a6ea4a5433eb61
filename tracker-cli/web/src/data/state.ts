/** What the page knows, as signals: each part draws again only when what it read changes. */
import { batch, computed, signal } from "@preact/signals";
import { api, asApiError } from "./api.ts";
import type { ApiError } from "./api.ts";
import type { Definitions, Run, Store } from "./types.ts";

export const store = signal<Store | null>(null);
/** The runs last fetched; null before the first answer. */
export const runs = signal<Run[] | null>(null);
export const definitions = signal<Definitions>({});
export const warnings = signal<string[]>([]);
/** The last refusal; what was fetched before stays on the page. */
export const failure = signal<ApiError | null>(null);
/** Grows when there are new points, so that charts fetch. */
export const revision = signal(0);

export const runsById = computed(() => new Map((runs.value ?? []).map((run) => [run.id, run])));

/** Ids of runs whose name another run has too: these show a short id beside it. */
export const namesakes = computed(() => {
  const counts = new Map<string, number>();
  for (const run of runs.value ?? []) counts.set(run.name, (counts.get(run.name) ?? 0) + 1);
  return new Set((runs.value ?? []).filter((run) => (counts.get(run.name) ?? 0) > 1).map((run) => run.id));
});

let newest = 0;

/** Fetches the list of runs (of a project, or all) and the projects. An answer overtaken by a later question is dropped. */
export async function refresh(project: string | null): Promise<void> {
  const mine = (newest += 1);
  try {
    const [stored, listed] = await Promise.all([api.store(), api.runs(project)]);
    if (mine !== newest) return;
    batch(() => {
      store.value = stored;
      runs.value = listed.runs;
      definitions.value = listed.definitions;
      warnings.value = [...stored.warnings, ...listed.warnings];
      failure.value = null;
    });
  } catch (thrown) {
    if (mine === newest) failure.value = asApiError(thrown);
  }
}

/** Forgets the runs of the project that was left. */
export function forgetRuns(): void {
  newest += 1;
  runs.value = null;
}
