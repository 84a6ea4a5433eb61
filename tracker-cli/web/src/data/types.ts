/** What the server answers (docs/http-api.md). */

/** A number, or the word of one that JSON has no literal for. */
export type Value = number | "NaN" | "Infinity" | "-Infinity";
export type Step = number | string;
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Project { name: string; runs: number; running: number; last_started_at: string | null }
export interface Store { tracker: string; root: string; read_only: boolean; read_only_because: string | null; projects: Project[]; warnings: string[] }

export interface Summary { last: Value | null; min: Value | null; max: Value | null; best: Value | null; count: number; step: Step | null }

export interface Git { commit: string | null; branch: string | null; dirty: boolean | null }

export interface Run {
  id: string;
  short_id: string;
  name: string;
  project: string;
  group: string | null;
  state: string;
  message: string | null;
  started_at: string;
  finished_at: string | null;
  seconds: number | null;
  /** The same without the pauses of a resumed run. */
  trained_seconds: number | null;
  notes: string | null;
  tags: string[];
  rank: number | null;
  /** How many runs of its project started before it. */
  ordinal: number;
  host: string | null;
  user: string | null;
  git: Git | null;
  config: { [key: string]: Json };
  /** By path, as JSON has them: the settings that JavaScript would show as something else. */
  config_exact: { [path: string]: string };
  summary: { [metric: string]: Summary };
  problems: number;
}

export interface Definition { unit: string | null; direction: "lower" | "higher" | null; display_name: string | null; hidden: boolean }
export type Definitions = { [metric: string]: Definition };
export interface Runs { runs: Run[]; definitions: Definitions; warnings: string[] }

export interface Problem { kind: string; message: string; hint: string | null; count: number }

export interface RunDetail extends Run {
  provenance: { [key: string]: Json };
  about: { [key: string]: Json };
  about_exact: { [path: string]: string };
  /** Nothing of this run is changed here. */
  read_only: boolean;
  problem_list: Problem[];
  metrics: string[];
  histograms: string[];
  texts: string[];
  artifacts: number;
  definitions: Definitions;
  /** Null while nobody knows. */
  listens_to_stop: boolean | null;
  code: RunCode | null;
  /** What of it could not be read. */
  warnings: string[];
}

export interface Message { time: string; level: string; text: string }
export interface TextEvent { time: string; name: string; step: Step | null; text: string }
export interface Events { messages: Message[]; texts: TextEvent[] }

export interface HistogramRow { step: Step; time: string; min: number; max: number; counts: number[] }
export interface Histograms { rows: HistogramRow[]; of: number }

export interface Artifact {
  name: string;
  version: string | null;
  type: string | null;
  bytes: number | null;
  sha256: string | null;
  step: Step | null;
  epoch: number | null;
  metrics: { [metric: string]: Value };
  aliases: string[];
  time: string | null;
  deleted: boolean;
  content: string | null;
}

export interface ChangedFile { path: string; status: string; from?: string }
/** What a comparison has of a run's code. */
export interface Code {
  commit: string | null;
  branch: string | null;
  dirty: boolean | null;
  /** Null where nobody knows. */
  files: ChangedFile[] | null;
  files_cut: boolean;
  diff: string | null;
  diff_cut: boolean;
}
/** What a run's own page has of it; the patch is asked for when it is read. */
export interface RunCode { commit: string | null; files: ChangedFile[]; files_cut: boolean }
export interface RunPatch { diff: string | null; diff_cut: boolean }

export interface Typed { kind: "missing" | "null" | "boolean" | "number" | "string" | "list" | "object"; value?: Json; exact?: string }
export interface Difference { path: string; differs: boolean; values: Typed[] }
export interface Comparison {
  runs: string[];
  config: Difference[];
  environment: Difference[];
  packages: { name: string; versions: (string | null)[] }[];
  code: Code[];
  warnings: string[];
}
