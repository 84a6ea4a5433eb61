/**
 * What the server answers (docs/http-api.md), made from tracker-cli/src/ui/answers.rs:
 *
 *     TRACKER_TYPES=write cargo test -p tracker-cli the_types_of_the_page
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Definitions = { [metric: string]: Definition };
export type ChangedFile = { path: string; status: string; from?: string };

/**
 * A number, or the word of one that JSON has no literal for.
 */
export type Value = number | "NaN" | "Infinity" | "-Infinity";

/**
 * A step, as digits where JavaScript has no such integer.
 */
export type Step = number | string;

export type Project = { name: string, runs: number, running: number, last_started_at: string | null, };

export type Store = { tracker: string, root: string, read_only: boolean, read_only_because: string | null, projects: Array<Project>, warnings: Array<string>, };

export type Summary = { last: Value, min: Value | null, max: Value | null, best: Value | null, count: number, step: Step, };

export type Git = { commit: string | null, branch: string | null, dirty: boolean | null, };

export type Run = { id: string, short_id: string, name: string, project: string, group: string | null, state: string, message: string | null, started_at: string, finished_at: string | null, seconds: number | null, 
/**
 * The same without the pauses of a resumed run.
 */
trained_seconds: number | null, notes: string | null, tags: Array<string>, rank: number | null, 
/**
 * How many runs of its project started before it.
 */
ordinal: number, host: string, user: string | null, git: Git | null, config: { [key: string]: Json }, 
/**
 * By path, as JSON has them: the settings that JavaScript would show as something else.
 */
config_exact: { [path: string]: string }, summary: { [metric: string]: Summary }, problems: number, };

export type Definition = { unit: string | null, direction: "lower" | "higher" | null, display_name: string | null, hidden: boolean, };

export type Runs = { warnings: Array<string>, runs: Array<Run>, definitions: Definitions, };

export type Writer = { rank: number, attempt: number, state: string, };

export type Problem = { kind: string, message: string, hint: string, count: number, };

export type RunDetail = { provenance: { [key: string]: Json }, about: { [key: string]: Json }, about_exact: { [path: string]: string }, writers: Array<Writer>, problem_list: Array<Problem>, definitions: Definitions, metrics: Array<string>, histograms: Array<string>, texts: Array<string>, artifacts: number, 
/**
 * Null while nobody knows.
 */
listens_to_stop: boolean | null, 
/**
 * Nothing of this run is changed here.
 */
read_only: boolean, code: RunCode | null, 
/**
 * What of it could not be read.
 */
warnings: Array<string>, id: string, short_id: string, name: string, project: string, group: string | null, state: string, message: string | null, started_at: string, finished_at: string | null, seconds: number | null, 
/**
 * The same without the pauses of a resumed run.
 */
trained_seconds: number | null, notes: string | null, tags: Array<string>, rank: number | null, 
/**
 * How many runs of its project started before it.
 */
ordinal: number, host: string, user: string | null, git: Git | null, config: { [key: string]: Json }, 
/**
 * By path, as JSON has them: the settings that JavaScript would show as something else.
 */
config_exact: { [path: string]: string }, summary: { [metric: string]: Summary }, problems: number, };

export type Message = { time: string, level: string, text: string, };

export type TextEvent = { time: string, name: string, step: Step, text: string, };

export type Events = { messages: Array<Message>, texts: Array<TextEvent>, };

export type HistogramRow = { step: Step, time: string, min: number, max: number, counts: Array<number>, not_finite: number, };

export type Histograms = { rows: Array<HistogramRow>, of: number, };

export type Artifact = { name: string, version: string, type: string, bytes: number | null, sha256: string | null, step: Step | null, epoch: number | null, metrics: { [metric: string]: Value }, aliases: Array<string>, time: string, deleted: boolean, 
/**
 * Where its file is fetched, or the picture itself in a report; null where it cannot be.
 */
content: string | null, };

export type Artifacts = { artifacts: Array<Artifact>, };

/**
 * What a run's own page has of its code; the patch is asked for when it is read.
 */
export type RunCode = { commit: string | null, files: Array<ChangedFile>, files_cut: boolean, patch_kept: string, };

export type RunPatch = { diff: string | null, diff_cut: boolean, };

/**
 * What a comparison has of a run's code.
 */
export type Code = { commit: string | null, branch: string | null, dirty: boolean | null, 
/**
 * Null where nobody knows.
 */
files: Array<ChangedFile> | null, files_cut: boolean, diff: string | null, diff_cut: boolean, };

/**
 * A value and its kind: 1 is not `"1"`, and missing is not null.
 */
export type Typed = { kind: "missing" | "null" | "boolean" | "number" | "string" | "list" | "object", value?: Json, 
/**
 * As JSON has it, where JavaScript would show it as something else.
 */
exact?: string, };

export type Difference = { path: string, differs: boolean, values: Array<Typed>, };

export type Package = { name: string, versions: Array<string | null>, };

export type Comparison = { runs: Array<string>, config: Array<Difference>, environment: Array<Difference>, packages: Array<Package>, code: Array<Code>, warnings: Array<string>, };

/**
 * What a request to stop came to.
 */
export type Stopped = { run: string, reason: string, };
