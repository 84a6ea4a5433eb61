/** Questions to the server; a refusal keeps the server's own words and hint. */
import { ApiError, asApiError } from "./api_error.ts";
import { atBase } from "./base.ts";
import { saved } from "./saved.ts";
import type {
  Artifact,
  Changes,
  Comparison,
  Events,
  Failed,
  Flights,
  RunGroups,
  GroupTable,
  Histograms,
  JoinedTables,
  Json,
  Lineage,
  Many,
  MediaAt,
  MediaNames,
  MessagePage,
  NamedView,
  ProjectNotes,
  RemovedView,
  Run,
  RunDetail,
  RunPatch,
  Runs,
  Store,
  TableRows,
  Views,
  StepAt,
  Studies,
  StudyDetail,
  StudySurface,
  Divergence,
  Marks,
} from "./types.ts";

export { ApiError, asApiError };

export const api = {
  store: (): Promise<Store> => get("/api/v1/store"),
  runs: (project: string | null): Promise<Runs> =>
    get(project === null ? "/api/v1/runs" : `/api/v1/runs?project=${encodeURIComponent(project)}`),
  run: (id: string): Promise<RunDetail> => get(`/api/v1/runs/${encodeURIComponent(id)}`),
  at: (id: string, step: string): Promise<StepAt> => get(`/api/v1/runs/${encodeURIComponent(id)}/at?step=${step}`),
  marks: (ids: readonly string[], level: string): Promise<Marks> =>
    get(`/api/v1/marks?level=${level}${ids.map((id) => `&run=${encodeURIComponent(id)}`).join("")}`),
  diverge: (a: string, b: string): Promise<Divergence> => get(`/api/v1/diverge?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`),
  events: (id: string): Promise<Events> => get(`/api/v1/runs/${encodeURIComponent(id)}/events`),
  messages: (id: string, params: URLSearchParams): Promise<MessagePage> =>
    get(`/api/v1/runs/${encodeURIComponent(id)}/messages?${params.toString()}`),
  histograms: (id: string, name: string): Promise<Histograms> =>
    get(`/api/v1/runs/${encodeURIComponent(id)}/histograms?name=${encodeURIComponent(name)}&most=200`),
  artifacts: (id: string): Promise<{ artifacts: Artifact[] }> => get(`/api/v1/runs/${encodeURIComponent(id)}/artifacts`),
  lineage: (id: string): Promise<Lineage> => get(`/api/v1/runs/${encodeURIComponent(id)}/lineage`),
  media: (id: string): Promise<MediaNames> => get(`/api/v1/runs/${encodeURIComponent(id)}/media`),
  flights: (id: string, step: number | string): Promise<Flights> => get(`/api/v1/runs/${encodeURIComponent(id)}/flights?step=${step}`),
  mediaAt: (id: string, name: string, step: number | string | null): Promise<MediaAt> =>
    get(`/api/v1/runs/${encodeURIComponent(id)}/media?name=${encodeURIComponent(name)}${step === null ? "" : `&step=${step}`}`),
  table: (id: string, hash: string, rows: { from: number; count: number; sort: string | null; filter: string }): Promise<TableRows> => {
    const asked = new URLSearchParams({ from: `${rows.from}`, count: `${rows.count}`, filter: rows.filter });
    if (rows.sort !== null) asked.set("sort", rows.sort);
    return get(`/api/v1/runs/${encodeURIComponent(id)}/tables/${hash}?${asked}`);
  },
  joinTables: (asked: { runs: string[]; name: string; step: string | null; from: number; count: number }): Promise<JoinedTables> =>
    post("/api/v1/tables/join", asked),
  patch: (id: string): Promise<RunPatch> => get(`/api/v1/runs/${encodeURIComponent(id)}/patch`),
  compare: (ids: string[]): Promise<Comparison> => get(`/api/v1/compare?${ids.map((id) => `run=${encodeURIComponent(id)}`).join("&")}`),
  groups: (question: string): Promise<RunGroups> => get(`/api/v1/groups?${question}`),
  groupTable: (question: string, format: string): Promise<GroupTable> => get(`/api/v1/groups/table?${question}&format=${format}`),
  studies: (project: string): Promise<Studies> => get(`/api/v1/studies?project=${encodeURIComponent(project)}`),
  study: (project: string, name: string, from: number): Promise<StudyDetail> => get(`${studyAt(project, name)}?from=${from}`),
  surface: (project: string, name: string, asked: { x: string; y: string; metric: string }): Promise<StudySurface> =>
    get(`${studyAt(project, name)}/surface?${new URLSearchParams(asked).toString()}`),
  edit: (id: string, change: { name?: string; notes?: string; tags?: string[] }): Promise<Run> =>
    post(`/api/v1/runs/${encodeURIComponent(id)}/edit`, change),
  stop: (id: string, when: "epoch" | "now"): Promise<unknown> =>
    post(`/api/v1/runs/${encodeURIComponent(id)}/stop`, { when, why: "asked for on the page" }),
  many: (runs: readonly string[], action: object): Promise<Many> => post("/api/v1/many", { runs, action }),
  changes: (): Promise<Changes> => get("/api/v1/changes"),
  undo: (change: string): Promise<Many> => post("/api/v1/undo", { change }),
  renameProject: (name: string, next: string): Promise<Many> => post(`/api/v1/projects/${encodeURIComponent(name)}/rename`, { to: next }),
  projectNotes: (name: string): Promise<ProjectNotes> => get(`/api/v1/projects/${encodeURIComponent(name)}/notes`),
  writeProjectNotes: (name: string, before: string, notes: string): Promise<ProjectNotes> =>
    post(`/api/v1/projects/${encodeURIComponent(name)}/notes`, { before, notes }),
  views: (project: string): Promise<Views> => get(viewsOf(project)),
  view: (project: string, name: string): Promise<NamedView> => get(viewsOf(project, name)),
  saveView: (project: string, name: string, asked: { shown: { [choice: string]: Json }; over: string | null }): Promise<NamedView> =>
    post(`${viewsOf(project, name)}/save`, asked),
  renameView: (project: string, name: string, asked: { to: string; over: string }): Promise<NamedView> =>
    post(`${viewsOf(project, name)}/rename`, asked),
  removeView: (project: string, name: string, asked: { over: string }): Promise<RemovedView> =>
    post(`${viewsOf(project, name)}/remove`, asked),
  /** A report as a file: with words and charts, or of what an address shows. */
  report: async (
    asked: { runs: string[]; title: string } & ({ notes: string; charts: string[] } | { address: string; metrics: string[] }),
  ): Promise<Blob> => (await answered("/api/v1/report", posted(asked))).blob(),
  setKnob: (id: string, knob: string, value: number): Promise<unknown> =>
    post(`/api/v1/runs/${encodeURIComponent(id)}/knobs`, { knobs: { [knob]: value } }),
};

function studyAt(project: string, name: string): string {
  return `/api/v1/studies/${encodeURIComponent(project)}/${encodeURIComponent(name)}`;
}

function viewsOf(project: string, name?: string): string {
  const views = `/api/v1/projects/${encodeURIComponent(project)}/views`;
  return name === undefined ? views : `${views}/${encodeURIComponent(name)}`;
}

function get<T>(path: string): Promise<T> {
  return ask<T>(path, {});
}

function post<T>(path: string, body: object): Promise<T> {
  return ask<T>(path, posted(body));
}

function posted(body: object): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  if (saved) return (await import("./saved_answers.ts")).savedAnswer(saved, path) as T;
  return (await (await answered(path, init)).json()) as T;
}

async function answered(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(atBase(path), init);
  } catch {
    throw new ApiError("the server does not answer", "start tracker ui again; this page then goes on by itself", 0);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<ApiError> {
  const usual = `the server answered ${response.status} ${response.statusText}`;
  try {
    const { error, hint } = (await response.json()) as Partial<Failed>;
    return new ApiError(error ?? usual, hint ?? null, response.status);
  } catch {
    return new ApiError(usual, null, response.status);
  }
}
