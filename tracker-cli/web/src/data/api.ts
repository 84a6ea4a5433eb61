/** Questions to the server; a refusal keeps the server's own words and hint. */
import { ApiError, asApiError } from "./api_error.ts";
import { atBase } from "./base.ts";
import { saved, savedAnswer } from "./saved.ts";
import type {
  Artifact,
  Comparison,
  Events,
  Failed,
  Flights,
  RunGroups,
  GroupTable,
  Histograms,
  JoinedTables,
  Lineage,
  MediaAt,
  MediaNames,
  MessagePage,
  Run,
  RunDetail,
  RunPatch,
  Runs,
  Store,
  TableRows,
} from "./types.ts";

export { ApiError, asApiError };

export const api = {
  store: (): Promise<Store> => get("/api/v1/store"),
  runs: (project: string | null): Promise<Runs> =>
    get(project === null ? "/api/v1/runs" : `/api/v1/runs?project=${encodeURIComponent(project)}`),
  run: (id: string): Promise<RunDetail> => get(`/api/v1/runs/${encodeURIComponent(id)}`),
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
  joinTables: (asked: { runs: string[]; name: string; step: number | null; from: number; count: number }): Promise<JoinedTables> =>
    post("/api/v1/tables/join", asked),
  patch: (id: string): Promise<RunPatch> => get(`/api/v1/runs/${encodeURIComponent(id)}/patch`),
  compare: (ids: string[]): Promise<Comparison> => get(`/api/v1/compare?${ids.map((id) => `run=${encodeURIComponent(id)}`).join("&")}`),
  groups: (question: string): Promise<RunGroups> => get(`/api/v1/groups?${question}`),
  groupTable: (question: string, format: string): Promise<GroupTable> => get(`/api/v1/groups/table?${question}&format=${format}`),
  edit: (id: string, change: { name?: string; notes?: string; tags?: string[] }): Promise<Run> =>
    post(`/api/v1/runs/${encodeURIComponent(id)}/edit`, change),
  stop: (id: string, when: "epoch" | "now"): Promise<unknown> =>
    post(`/api/v1/runs/${encodeURIComponent(id)}/stop`, { when, why: "asked for on the page" }),
  setKnob: (id: string, knob: string, value: number): Promise<unknown> =>
    post(`/api/v1/runs/${encodeURIComponent(id)}/knobs`, { knobs: { [knob]: value } }),
};

function get<T>(path: string): Promise<T> {
  return ask<T>(path, {});
}

function post<T>(path: string, body: object): Promise<T> {
  return ask<T>(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  if (saved) return savedAnswer(saved, path) as T;
  let response: Response;
  try {
    response = await fetch(atBase(path), init);
  } catch {
    throw new ApiError("the server does not answer", "start tracker ui again; this page then goes on by itself", 0);
  }
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
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
