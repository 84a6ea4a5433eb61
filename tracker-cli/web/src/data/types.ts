/**
 * What the server answers (docs/http-api.md), made from tracker-cli/src/answers/page:
 *
 *     TRACKER_TYPES=write cargo test -p tracker-cli the_types_of_the_page
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Definitions = { [metric: string]: Definition };
export type StoredMedia = { sha256: string; ext: string; bytes: number };
/** Recall or share of false alarms, precision or share of what is found, and the threshold. */
export type CurvePoint = [x: number, y: number, threshold: number | null];
export type PlottedCurve = { area: number; positives: number; negatives: number; points: CurvePoint[] };
export type MediaItem =
  | ({ type: "image"; width: number; height: number; caption?: string } & StoredMedia)
  | ({ type: "table"; rows: number; columns: number } & StoredMedia)
  | ({ type: "file"; caption?: string } & StoredMedia)
  | { type: "confusion_matrix"; names: string[]; counts: number[]; outside?: number }
  | ({ type: "pr_curve" | "roc_curve" } & PlottedCurve)
  | { type: "unknown" };
export type ChangedFile = { path: string; status: string; from?: string };

/**
 * A number, or the word of one that JSON has no literal for.
 */
export type Value = number | "NaN" | "Infinity" | "-Infinity";

/**
 * A step, as digits where JavaScript has no such integer.
 */
export type Step = number | string;

/**
 * A project, and how many runs it has.
 */
export type Project = { name: string, runs: number, running: number, last_started_at: string | null, };

/**
 * What `/store` answers.
 */
export type Store = { tracker: string, root: string, read_only: boolean, read_only_because: string | null, projects: Array<Project>, warnings: Array<string>, };

/**
 * A metric's summary. Commands tell every step as a number, the server as JavaScript can hold it.
 */
export type Summary = { last: Value, min: Value | null, max: Value | null, best: Value | null, count: number, step: Step, };

/**
 * The commit that a run was started at.
 */
export type Git = { commit: string | null, branch: string | null, dirty: boolean | null, };

/**
 * How far it is, how fast it goes, when it will be over. Null is what nobody knows.
 */
export type Live = { 
/**
 * Epochs or steps that are over, and those that there are to be.
 */
done: number | null, planned: number | null, unit: "epochs" | "steps" | null, steps_per_second: number | null, 
/**
 * What the training counts beside steps: `items`, `tokens`.
 */
items: string | null, items_per_second: number | null, eta_seconds: number | null, 
/**
 * The metrics whose curves tell most.
 */
key_metrics: Array<string>, 
/**
 * All of it for people.
 */
words: string, };

/**
 * A run in the list.
 */
export type Run = { id: string, short_id: string, name: string, project: string, group: string | null, 
/**
 * The study whose trial it is, which is its group where it has no other.
 */
study: string | null, state: string, message: string | null, started_at: string, finished_at: string | null, seconds: number | null, 
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
config_exact: { [path: string]: string }, summary: { [metric: string]: Summary }, problems: number, 
/**
 * How many alerts there were, and what the last one says.
 */
alerts: number, last_alert: string | null, 
/**
 * Of a run that trains.
 */
live: Live | null, };

/**
 * What a metric means.
 */
export type Definition = { unit: string | null, direction: "lower" | "higher" | null, display_name: string | null, hidden: boolean, };

/**
 * What `/runs` answers.
 */
export type Runs = { warnings: Array<string>, runs: Array<Run>, definitions: Definitions, };

/**
 * A process that logs to a run, or did.
 */
export type Writer = { rank: number, attempt: number, state: string, };

/**
 * A problem that a run met, and how often.
 */
export type Problem = { kind: string, message: string, hint: string, count: number, };

/**
 * Something that somebody should look at.
 */
export type Alert = { time: string, level: string, rule: string, text: string, hint: string | null, metric: string | null, step: Step | null, value: Value | null, };

/**
 * A change of a knob.
 */
export type KnobChange = { time: string, from_step: Step, value: number, by: string, };

/**
 * A number that people may change while the run trains.
 */
export type Knob = { name: string, value: number, default: number, 
/**
 * Null without a bound.
 */
least: number | null, most: number | null, 
/**
 * The first step that saw the value; null for the default.
 */
since: Step | null, 
/**
 * The last changes, in the order of steps.
 */
changes: Array<KnobChange>, };

/**
 * A run that was forked from another one: the other, or the fork.
 */
export type Forked = { run: string, run_name: string, project: string, 
/**
 * The last step that the fork has of its parent.
 */
step: Step, 
/**
 * Whether the store has that run.
 */
is_there: boolean, };

/**
 * The run before a run, and what differs from it.
 */
export type SinceLast = { run: string, run_name: string, text: string, };

/**
 * What `/runs/ID` answers.
 */
export type RunDetail = { provenance: { [key: string]: Json }, about: { [key: string]: Json }, about_exact: { [path: string]: string }, writers: Array<Writer>, problem_list: Array<Problem>, 
/**
 * The last of its alerts.
 */
alert_list: Array<Alert>, definitions: Definitions, 
/**
 * In the order in which they were first logged.
 */
metrics: Array<string>, 
/**
 * Those whose curves tell most.
 */
key_metrics: Array<string>, histograms: Array<string>, texts: Array<string>, media: Array<string>, artifacts: number, knobs: Array<Knob>, forked_from: Forked | null, 
/**
 * What differs from the run of the same program before it; null where nobody knows.
 */
since: SinceLast | null, forks: Array<Forked>, 
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
warnings: Array<string>, id: string, short_id: string, name: string, project: string, group: string | null, 
/**
 * The study whose trial it is, which is its group where it has no other.
 */
study: string | null, state: string, message: string | null, started_at: string, finished_at: string | null, seconds: number | null, 
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
config_exact: { [path: string]: string }, summary: { [metric: string]: Summary }, problems: number, 
/**
 * How many alerts there were, and what the last one says.
 */
alerts: number, last_alert: string | null, 
/**
 * Of a run that trains.
 */
live: Live | null, };

/**
 * A line for people.
 */
export type Message = { time: string, level: string, text: string, };

/**
 * What the program said.
 */
export type Said = { time: string, step: Step | null, level: string, source: string, target: string, text: string, fields: { [name: string]: Json }, };

/**
 * What `/runs/ID/messages` answers: some of the messages, and where they begin and end.
 */
export type MessagePage = { messages: Array<Said>, 
/**
 * For the messages before these.
 */
begin: string, 
/**
 * For the messages after these, also those that are yet to come.
 */
end: string, 
/**
 * Whether there are more in the direction in which was asked.
 */
has_more: boolean, };

/**
 * A text that was logged at a step.
 */
export type TextEvent = { time: string, name: string, step: Step, text: string, };

/**
 * What `/runs/ID/events` answers.
 */
export type Events = { messages: Array<Message>, texts: Array<TextEvent>, };

/**
 * How values were spread at a step.
 */
export type HistogramRow = { step: Step, time: string, min: number, max: number, counts: Array<number>, not_finite: number, };

/**
 * What `/runs/ID/histograms` answers: some of the rows, and how many there are.
 */
export type Histograms = { rows: Array<HistogramRow>, of: number, };

/**
 * A version of an artifact.
 */
export type Artifact = { name: string, version: string, type: string, bytes: number | null, sha256: string | null, step: Step | null, epoch: number | null, metrics: { [metric: string]: Value }, aliases: Array<string>, time: string, deleted: boolean, 
/**
 * Where its file is fetched, or the picture itself in a report; null where it cannot be.
 */
content: string | null, };

/**
 * What `/runs/ID/artifacts` answers.
 */
export type Artifacts = { artifacts: Array<Artifact>, };

/**
 * Something that the run made use of.
 */
export type Used = { name: string, type: string, version: string | null, sha256: string | null, bytes: number | null, 
/**
 * How many files it has, if it is a folder.
 */
files: number | null, 
/**
 * The run that made it, if somebody named it.
 */
run: string | null, 
/**
 * The name of that run; null if it is not in this store.
 */
run_name: string | null, project: string | null, time: string, };

/**
 * A run that made use of what this one made.
 */
export type User = { run: string, run_name: string, project: string, 
/**
 * The artifact that it used.
 */
name: string, version: string, 
/**
 * Whether it named the artifact. Else it used a file of the same bytes.
 */
named: boolean, time: string, };

/**
 * What `/runs/ID/lineage` answers.
 */
export type Lineage = { used: Array<Used>, used_by: Array<User>, };

/**
 * The media of one name, in short.
 */
export type MediaName = { name: string, 
/**
 * What the last one is, in a word.
 */
kind: string, 
/**
 * All steps that have some.
 */
steps: Array<Step>, };

/**
 * Something that left what was usual.
 */
export type Found = { tensor: string, 
/**
 * `weight`, `gradient` or `change`.
 */
quantity: "weight" | "gradient" | "change", 
/**
 * `not_finite`, `jumped` or `vanished`.
 */
departure: "not_finite" | "jumped" | "vanished", step: Step, value: Value, 
/**
 * What had been usual; null if too little came before.
 */
usual: Value | null, };

/**
 * One of the steps.
 */
export type Flown = { step: Step, epoch: number | null, batch: number | null, learning_rate: Value | null, 
/**
 * Which samples were in the batch, as digits.
 */
samples: Array<string>, 
/**
 * The root mean square of the weights of each tensor, null where none was looked at; then of the
 * gradients, then of the changes. Empty where only the answer to a page has them.
 */
weight: Array<Value | null>, gradient: Array<Value | null>, change: Array<Value | null>, };

/**
 * One record of the last steps.
 */
export type Recorded = { 
/**
 * The last step of it.
 */
step: Step, time: string, 
/**
 * Who left what was usual first, in a sentence; null if nothing did.
 */
verdict: string | null, findings: Array<Found>, tensors: Array<string>, steps: Array<Flown>, };

/**
 * The records of the last steps of a run.
 */
export type Flights = { flights: Array<Recorded>, 
/**
 * How many earlier ones are not among them.
 */
left_out: number, };

/**
 * What `/runs/ID/media` answers.
 */
export type MediaNames = { names: Array<MediaName>, };

/**
 * Something that was logged as media.
 */
export type LoggedMedia = { time: string, item: MediaItem, 
/**
 * Where its file is fetched, or the picture itself in a report; null where it cannot be.
 */
content: string | null, };

/**
 * What `/runs/ID/media?name=` answers: what there is at one step, the last one unless another is
 * asked for.
 */
export type MediaAt = { name: string, 
/**
 * All steps that have some.
 */
steps: Array<Step>, step: Step | null, media: Array<LoggedMedia>, };

/**
 * What stands in one place of a table.
 */
export type TableValue = null | Value | string | boolean | { sha256: string, };

/**
 * A column of a table.
 */
export type TableColumn = { name: string, 
/**
 * `number`, `text`, `bool` or `image`.
 */
type: string, };

/**
 * What `/runs/ID/tables/HASH` answers: some rows of a table.
 */
export type TableRows = { columns: Array<TableColumn>, key: string | null, 
/**
 * How many rows the table has.
 */
of: number, 
/**
 * How many of them the filter lets through.
 */
matching: number, 
/**
 * Which of those is the first here, counted from 0.
 */
from: number, rows: Array<Array<TableValue>>, };

/**
 * A row of several tables that have the same key.
 */
export type JoinedRow = { key: TableValue, 
/**
 * The cells of each run's row; null for a run that has none.
 */
cells: Array<Array<TableValue> | null>, };

/**
 * What `/tables/join` answers: the tables of several runs row by row.
 */
export type JoinedTables = { key: string, 
/**
 * In the order of the runs that were asked for; null for one without such a table.
 */
columns: Array<Array<TableColumn> | null>, 
/**
 * How many keys there are.
 */
of: number, from: number, rows: Array<JoinedRow>, };

/**
 * The last value of a metric up to a step, and where it was logged.
 */
export type ValueAt = { metric: string, step: Step, value: Value, };

/**
 * The last media of a name up to a step.
 */
export type MediaAtStep = { name: string, step: Step, media: Array<LoggedMedia>, };

/**
 * The last histogram of a name up to a step.
 */
export type NamedHistogram = { name: string, step: Step, time: string, min: number, max: number, counts: Array<number>, not_finite: number, };

/**
 * A knob that was turned.
 */
export type Turned = { time: string, name: string, value: Value, by: string, };

/**
 * What `/runs/ID/at` answers. Values, texts, media and histograms are the last ones up to the step; alerts,
 * knobs, artifacts and the flight record are those of the step itself.
 */
export type StepAt = { step: Step, 
/**
 * The last step before, and the first one behind, at which something was recorded beside numbers and
 * histograms.
 */
before: Step | null, behind: Step | null, values: Array<ValueAt>, 
/**
 * Said up to the step, and behind it, in the order of time.
 */
messages: Array<Said>, texts: Array<TextEvent>, media: Array<MediaAtStep>, histograms: Array<NamedHistogram>, alerts: Array<Alert>, turned: Array<Turned>, artifacts: Array<Artifact>, flight: Recorded | null, 
/**
 * How many metrics, texts, media, histograms, alerts and so on are there and not told.
 */
left_out: number, };

/**
 * Something to see at a step, or at neighbouring ones.
 */
export type Mark = { kind: "message" | "alert" | "knob" | "fork", 
/**
 * The greatest level of a message or an alert.
 */
level: string | null, 
/**
 * The first and the last step; the time is that of the first.
 */
step: Step, last_step: Step, time: string, 
/**
 * How many there are, and what the first of the greatest level says.
 */
count: number, text: string, 
/**
 * The metric that an alert is about, where it is one.
 */
metric: string | null, };

/**
 * The marks of one run, in the order of steps.
 */
export type RunMarks = { run: string, marks: Array<Mark>, };

/**
 * What `/marks` answers.
 */
export type Marks = { runs: Array<RunMarks>, warnings: Array<string>, };

/**
 * What a run's own page has of its code; the patch is asked for when it is read.
 */
export type RunCode = { commit: string | null, files: Array<ChangedFile>, files_cut: boolean, patch_kept: string, };

/**
 * What `/runs/ID/patch` answers.
 */
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

/**
 * A setting over all runs, in their order.
 */
export type Difference = { path: string, differs: boolean, values: Array<Typed>, };

/**
 * A package over all runs, in their order; null where a run has none, or nobody knows.
 */
export type Package = { name: string, versions: Array<string | null>, };

/**
 * What `/compare` answers.
 */
export type Comparison = { runs: Array<string>, config: Array<Difference>, environment: Array<Difference>, packages: Array<Package>, code: Array<Code>, warnings: Array<string>, };

/**
 * The mean of a group's results, the standard deviation and the 95 % interval, which a single run has not.
 */
export type Spread = { mean: Value, deviation: Value | null, interval: [Value, Value] | null, 
/**
 * Those with a finite result.
 */
runs: number, diverged: number, missing: number, 
/**
 * Those that have not come to the step.
 */
early: number, };

/**
 * What is concluded of a group; `greater` and `less` where nobody says which values are better.
 */
export type Ruling = "better" | "worse" | "greater" | "less" | "not_shown" | "too_few" | "no_spread";

/**
 * A group beside the baseline. What needs more results than there are is null.
 */
export type Verdict = { ruling: Ruling, 
/**
 * The mean less that of the baseline.
 */
difference: Value | null, interval: [Value, Value] | null, 
/**
 * Both as people read them.
 */
shown: string | null, 
/**
 * Alone, and with regard to the other groups.
 */
p: number | null, p_holm: number | null, 
/**
 * How many pairs were compared; null where groups were compared as a whole.
 */
pairs: number | null, 
/**
 * How many results were compared: of the baseline, of the group.
 */
runs: [number, number] | null, 
/**
 * How likely a run of the group does better than one of the baseline, with the 95 % interval.
 */
better: number | null, better_interval: [Value, Value] | null, 
/**
 * A sentence that one may print.
 */
text: string, 
/**
 * How sure that is, in words.
 */
details: string, };

/**
 * A run of a group, and what it has of the metric.
 */
export type GroupMember = { id: string, name: string, 
/**
 * NaN and the infinities count in no mean.
 */
value: Value | null, 
/**
 * Why there is no value: no such metric, or the step was not reached.
 */
without: "missing" | "early" | null, 
/**
 * Its last value is not finite.
 */
diverged: boolean, running: boolean, };

/**
 * A group, and what the metric came to in it.
 */
export type RunGroup = { name: string, 
/**
 * What it is called in a sentence.
 */
label: string, 
/**
 * Null where no run has a finite value.
 */
spread: Spread | null, interquartile_mean: Value | null, interquartile_interval: [Value, Value] | null, running: number, 
/**
 * All of them.
 */
members: Array<GroupMember>, 
/**
 * Beside the baseline; null for that, and for groups that are not compared.
 */
verdict: Verdict | null, };

/**
 * A metric, and which of a run's values counts.
 */
export type GroupMetric = { name: string, direction: "higher" | "lower" | null, unit: string | null, 
/**
 * `best`, `last` or `at step 100`.
 */
which: string, };

/**
 * The mean of a group, and how far its 95 % interval reaches to both sides.
 */
export type GroupCell = { mean: Value, reach: Value | null, runs: number, best: boolean, 
/**
 * Mean and reach with as many digits as the interval allows, in the title's unit.
 */
text: string, };

/**
 * What a metric came to in each group, in their order.
 */
export type GroupColumn = { metric: string, 
/**
 * With an arrow to its better values and the unit of the cells.
 */
title: string, cells: Array<GroupCell | null>, };

/**
 * What `/groups` answers.
 */
export type RunGroups = { 
/**
 * How many runs were chosen, and into how many groups they fall; more than are listed where these are many.
 */
runs: number, of: number, 
/**
 * What may be asked for as `metric`, what tells most first.
 */
metrics: Array<string>, 
/**
 * The one by which groups are compared; null without any.
 */
metric: GroupMetric | null, 
/**
 * The group that the others are compared with.
 */
baseline: string | null, 
/**
 * The settings that make a pair of two runs which share them.
 */
paired_by: Array<string>, 
/**
 * Of the intervals of differences; with several comparisons, all hold at once in 95 of 100 cases.
 */
level: number | null, 
/**
 * In the order in which their first runs began.
 */
groups: Array<RunGroup>, columns: Array<GroupColumn>, 
/**
 * What has to be said beside any verdict.
 */
notes: Array<string>, 
/**
 * What could not be read or was not found.
 */
warnings: Array<string>, };

/**
 * A table of groups as text.
 */
export type GroupTable = { text: string, };

/**
 * Two points that differ.
 */
export type DifferingValue = { metric: string, rank: number, step: Step, 
/**
 * The last step before at which the metric is the same in both.
 */
after: Step | null, 
/**
 * That of the first run, and that of the second.
 */
values: Array<Value>, };

/**
 * What one run has and the other has not.
 */
export type AloneIn = { metrics: Array<string>, 
/**
 * Points of other metrics at steps of it alone, as far as was compared, and the first of them.
 */
points: number, first_metric: string | null, first_step: Step | null, last_step: Step | null, };

/**
 * Something beside the points that differs, as people read it.
 */
export type Differing = { name: string, values: Array<string>, };

/**
 * What `/diverge` answers. Of all pairs, the first is of the first run.
 */
export type Divergence = { 
/**
 * The pairs of points that were compared, until both differences were found.
 */
compared: number, 
/**
 * A share of the greater value.
 */
tolerance: number, 
/**
 * What differs at the first step at which any bit does, the likely cause first; and how many points do.
 */
bitwise: Array<DifferingValue>, bitwise_of: number, 
/**
 * What differs at the first step at which anything does by more than the tolerance.
 */
beyond: Array<DifferingValue>, beyond_of: number, alone: Array<AloneIn>, config: Array<Differing>, 
/**
 * What the trainings described, such as the device.
 */
facts: Array<Differing>, 
/**
 * Host, command, commit and changes since.
 */
origin: Array<Differing>, packages: Array<Differing>, 
/**
 * What could not be read.
 */
warnings: Array<string>, };

/**
 * What is made better, and which of its values counts.
 */
export type StudyMetric = { name: string, goal: "minimize" | "maximize", value: "best" | "last", };

/**
 * How many trials are how far.
 */
export type TrialCounts = { all: number, waiting: number, running: number, complete: number, pruned: number, failed: number, };

/**
 * A study in short.
 */
export type StudyInShort = { method: string, metrics: Array<StudyMetric>, 
/**
 * How many trials there are at most; null for no end.
 */
run_cap: number | null, trials: TrialCounts, asked_to_stop: boolean, 
/**
 * The number of the best trial; null without a result, and with several metrics.
 */
best: number | null, 
/**
 * What the best trial came to, and what it was given; empty where there is none.
 */
best_values: Array<Value>, best_params: { [parameter: string]: Json }, 
/**
 * How many trials no other one beats.
 */
front: number, };

/**
 * A study in the list of them. Of one that cannot be read, only its names and the problem are there.
 */
export type StudyInList = { project: string, name: string, told: StudyInShort | null, problem: string | null, };

/**
 * What `/studies` answers.
 */
export type Studies = { studies: Array<StudyInList>, };

/**
 * That another parameter has one of these values.
 */
export type StudyCondition = { parameter: string, values: Json[], };

/**
 * What is varied.
 */
export type StudyParameter = { name: string, kind: "float" | "int" | "choice", 
/**
 * Of a number: its bounds, both included.
 */
low: number | null, high: number | null, 
/**
 * Whether it is looked for by orders of magnitude.
 */
log: boolean, step: number | null, 
/**
 * Of a choice: what may be chosen, and the places of what is not tried any more.
 */
choices: Json[], disabled: Array<number>, 
/**
 * It is there only beside these.
 */
when: Array<StudyCondition>, };

/**
 * How much hangs on one parameter.
 */
export type ImportanceShare = { parameter: string, share: number, };

/**
 * How much of being among the best by a metric hangs on which parameter.
 */
export type StudyImportance = { metric: string, 
/**
 * The greatest first; together 1, or none where nothing can be told.
 */
shares: Array<ImportanceShare>, 
/**
 * How many trials were looked at, and how many of them count as the best.
 */
trials: number, best: number, };

/**
 * A training of a study.
 */
export type StudyTrial = { number: number, state: "waiting" | "running" | "complete" | "pruned" | "failed", 
/**
 * What it was given; of one that waits, what was asked for.
 */
params: { [parameter: string]: Json }, 
/**
 * A value for each metric; empty without a result.
 */
values: Array<Value>, 
/**
 * What the first metric was on the way, at some of its values, the first and the last among them.
 */
on_the_way: [nth: number, value: Value][], 
/**
 * How many values it had.
 */
reported: number, run: string | null, started_at: string | null, ended_at: string | null, 
/**
 * Whether its metric became NaN or infinite.
 */
diverged: boolean, };

/**
 * What `/studies/PROJECT/NAME` answers.
 */
export type StudyDetail = { project: string, name: string, 
/**
 * What ends trials early, as the study's file says it; null for nothing.
 */
early_terminate: Json, 
/**
 * How often what it does was written down, from 1; 0 of one that Optuna began.
 */
revision: number, parameters: Array<StudyParameter>, 
/**
 * For each metric, how much of being among the best hangs on which parameter.
 */
importance: Array<StudyImportance>, 
/**
 * The numbers of the trials that no other one beats.
 */
front_trials: Array<number>, 
/**
 * The number of the first trial that is answered; how many there are says `trials.all`.
 */
from: number, listed: Array<StudyTrial>, warnings: Array<string>, method: string, metrics: Array<StudyMetric>, 
/**
 * How many trials there are at most; null for no end.
 */
run_cap: number | null, trials: TrialCounts, asked_to_stop: boolean, 
/**
 * The number of the best trial; null without a result, and with several metrics.
 */
best: number | null, 
/**
 * What the best trial came to, and what it was given; empty where there is none.
 */
best_values: Array<Value>, best_params: { [parameter: string]: Json }, 
/**
 * How many trials no other one beats.
 */
front: number, };

/**
 * What `/studies/PROJECT/NAME/surface` answers: what a Gaussian process expects over two parameters.
 */
export type StudySurface = { metric: string, x: string, y: string, x_values: Json[], y_values: Json[], 
/**
 * For each value of y, one for each of x; null where one parameter is not there beside the other. Empty where too
 * little is known.
 */
means: Array<Array<Value | null>>, 
/**
 * The values of all parameters around which these two are varied.
 */
around: { [parameter: string]: Json }, };

/**
 * What a request to stop came to.
 */
export type Stopped = { run: string, reason: string, };

/**
 * What a request for other values of knobs came to.
 */
export type KnobsAsked = { run: string, asked: { [knob: string]: number }, };

/**
 * A run of which something was not done.
 */
export type NotDone = { run: string, name: string, error: string, hint: string, };

/**
 * A change that can be taken back.
 */
export type Change = { id: string, time: string, by: string, kind: "deleted" | "moved" | "edited" | "project-renamed", runs: number, 
/**
 * What was done, in words.
 */
text: string, };

/**
 * What `/many`, `/undo` and `/projects/NAME/rename` answer.
 */
export type Many = { 
/**
 * How many runs are as was asked.
 */
done: number, 
/**
 * How many are not.
 */
not_done: number, 
/**
 * The first of those.
 */
refused: Array<NotDone>, 
/**
 * What takes it back; null where nothing can be.
 */
change: Change | null, };

/**
 * What `/changes` answers.
 */
export type Changes = { 
/**
 * The last ones, the latest first.
 */
changes: Array<Change>, };

/**
 * What `/projects/NAME/notes` answers.
 */
export type ProjectNotes = { 
/**
 * Markdown; empty if there are none.
 */
notes: string, 
/**
 * The file that they are in.
 */
path: string, };

/**
 * Neighbouring points whose values are not finite, from `x` to `last_x`; `step` is that of the first.
 */
export type Stretch = { step: Step, x: number, last_x: number, value: "NaN" | "Infinity" | "-Infinity", count: number, };

/**
 * Where somebody should look at a curve.
 */
export type AlertMark = { step: Step, x: number, text: string, };

/**
 * Where a curve left the finite values and never came back.
 */
export type Diverged = { step: Step, x: number, value: "NaN" | "Infinity" | "-Infinity", };

/**
 * One run's curve of one metric, and where its columns begin.
 */
export type SeriesHeader = { points: number, 
/**
 * How many points are logged in the range.
 */
total: number, 
/**
 * Each point is a single logged one.
 */
exact: boolean, x: "f32" | "f64", y: "f32" | "f64", offset: number, columns: Array<string>, first_step: Step, last_step: Step, not_finite: Array<Stretch>, diverged: Diverged | null, 
/**
 * Where somebody should look at it, on axes that have a place for that.
 */
alerts: Array<AlertMark>, metric: string, run: string, };

/**
 * The header of what `/curves` answers.
 */
export type CurvesHeader = { series: Array<SeriesHeader>, warnings: Array<string>, };

/**
 * What went wrong, and what to do about it.
 */
export type Failed = { error: string, hint: string, };

/**
 * A view in a list.
 */
export type ViewInList = { name: string, 
/**
 * Null where the view cannot be read.
 */
revision: string | null, 
/**
 * Why it cannot be read.
 */
problem: string | null, };

/**
 * What `/projects/NAME/views` answers.
 */
export type Views = { views: Array<ViewInList>, };

/**
 * A view with all that it shows.
 */
export type NamedView = { name: string, 
/**
 * What a change of this view names, so that nobody's change is lost.
 */
revision: string, 
/**
 * By the names of the page's choices.
 */
shown: { [choice: string]: Json }, };

/**
 * What a request to remove a view came to.
 */
export type RemovedView = { removed: string, };

/**
 * When a run reached its steps, in seconds since its start.
 */
export type Clock = { 
/**
 * Ascending, and floats as in the curves, whose points they are looked up for.
 */
steps: Array<number>, seconds: Array<number>, };

/**
 * What a report opens with.
 */
export type OpensWith = { address: string, } | { project: string, shown: { [choice: string]: Json }, };

/**
 * All that the page finds in a report.
 */
export type Saved = { title: string | null, 
/**
 * Markdown.
 */
notes: string | null, 
/**
 * The metrics whose charts stand below the words.
 */
charts: Array<string>, made_at: string, runs: Array<string>, 
/**
 * What it opens with, where somebody has said so.
 */
opens: OpensWith | null, 
/**
 * By the path that the page asks for.
 */
answers: { [path: string]: unknown }, 
/**
 * By metric: the server's answer for all runs, in base64.
 */
curves: { [key in string]: string }, 
/**
 * By run; null for one without points.
 */
clocks: { [run: string]: Clock | null }, };
