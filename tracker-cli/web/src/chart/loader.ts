/**
 * Fetches the curves of one chart: what is missing or has grown, in batches, the newest wish first.
 *
 * Two layers are kept. The overview is the whole range; the detail is the part zoomed to, at full
 * resolution. A zoom shows the overview at once and the detail when it has come; leaving the zoom asks
 * for nothing.
 */
import type { Series } from "../data/curves.ts";
import type { Range } from "../model/scale.ts";
import { stepsOfOtherAxis, stepsOfRange } from "../model/x_axis.ts";
import type { Located } from "../model/x_axis.ts";
import { curveQueue } from "./curve_queue.ts";
import type { Wanted } from "./curve_queue.ts";
import type { ChartRun } from "./types.ts";

/** What a chart wants to show. */
export interface Wish {
  metric: string;
  x: string;
  smooth: number;
  runs: readonly ChartRun[];
  zoom: Range | null;
  revision: number;
}

/** What to say besides the curves. */
export interface Loading {
  busy: boolean;
  error: string | null;
  warnings: string[];
}

const RUNS_A_REQUEST = 100;
const BUCKETS = 1500;
/** With many runs a curve has fewer columns to itself than a pixel row could tell apart. */
const BUCKETS_OF_MANY = 300;
const REFRESH_MILLISECONDS = 500;

interface Layer {
  key: string;
  series: Map<string, Series>;
  /** The revision that each run was fetched at. */
  revisions: Map<string, number>;
  /** The runs that had ended when they were fetched, with their endings: nothing of them is missing until they are resumed. */
  settled: Map<string, string>;
}

function emptyLayer(key: string): Layer {
  return { key, series: new Map(), revisions: new Map(), settled: new Map() };
}

type Plan = Omit<Wanted, "runs">;

export class Loader {
  private overview = emptyLayer("");
  private detail: Layer | null = null;
  private wish: Wish | null = null;
  private flight: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastStart = -Infinity;
  private error: string | null = null;
  private warnings: string[] = [];

  constructor(private readonly changed: () => void) {}

  /** The best known curve of a run. */
  readonly series = (run: string): Series | undefined => this.detail?.series.get(run) ?? this.overview.series.get(run);

  /** The curve of a run from beginning to end. */
  readonly whole = (run: string): Series | undefined => this.overview.series.get(run);

  get state(): Loading {
    return { busy: this.flight !== null, error: this.error, warnings: this.warnings };
  }

  /** Whether every wished run has been answered for. */
  get complete(): boolean {
    return this.wish !== null && this.wish.runs.every(({ id }) => this.overview.revisions.has(id));
  }

  /** Takes a new wish; only what it changes is fetched. */
  want(wish: Wish): void {
    const before = this.wish;
    this.wish = wish;
    // What has changed may have mended what failed.
    if (before?.revision !== wish.revision) this.error = null;
    const plan = JSON.stringify([wish.metric, wish.x, wish.smooth, wish.runs.length > RUNS_A_REQUEST]);
    if (plan !== this.overview.key) {
      this.error = null;
      this.changePlan(plan, before);
    }
    const zoom = wish.zoom ? JSON.stringify(wish.zoom) : null;
    if (zoom !== (this.detail?.key ?? null)) {
      this.abort();
      this.error = null;
      this.detail = zoom === null ? null : emptyLayer(zoom);
    }
    this.fetchMissing();
  }

  /** Forgets the last error and asks again. */
  retry(): void {
    this.error = null;
    this.fetchMissing();
  }

  /** Stops asking: the chart has left the screen. */
  pause(): void {
    this.abort();
    this.wish = null;
  }

  private changePlan(key: string, before: Wish | null): void {
    this.abort();
    const sameAxis = before !== null && before.x === this.wish?.x && before.metric === this.wish.metric;
    // The old curves stay in sight until the new ones come, unless they would stand on another axis.
    this.overview = sameAxis ? { ...emptyLayer(key), series: this.overview.series } : emptyLayer(key);
    if (this.detail) this.detail = emptyLayer(this.detail.key);
  }

  private abort(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flight?.abort();
    this.flight = null;
  }

  private get layer(): Layer {
    return this.detail ?? this.overview;
  }

  /** One flight at a time: what grows meanwhile waits for the next. */
  private fetchMissing(): void {
    const { wish } = this;
    if (!wish || this.flight || this.error !== null) return;
    const missing = wish.runs.filter(({ id }) => !this.layer.revisions.has(id));
    if (missing.length > 0) return this.start(missing);
    if (this.grown(wish).length > 0) this.refreshLater();
  }

  /** What may have more points than were fetched: a run that ends has its last ones to show. */
  private grown(wish: Wish): ChartRun[] {
    const { revisions, settled } = this.layer;
    return wish.runs.filter(({ id, live, ending = "" }) =>
      live === false ? settled.get(id) !== ending : (revisions.get(id) ?? 0) < wish.revision,
    );
  }

  private refreshLater(): void {
    if (this.timer !== undefined) return;
    const wait = Math.max(0, this.lastStart + REFRESH_MILLISECONDS - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.wish && !this.flight) this.start(this.grown(this.wish));
    }, wait);
  }

  private start(runs: readonly ChartRun[]): void {
    if (runs.length === 0) return;
    const flight = new AbortController();
    this.flight = flight;
    this.lastStart = performance.now();
    void this.fly(runs, flight.signal)
      .catch((failure: unknown) => {
        if (!flight.signal.aborted) this.error = failure instanceof Error ? failure.message : String(failure);
      })
      .finally(() => {
        if (this.flight !== flight) return;
        this.flight = null;
        this.changed();
        this.fetchMissing();
      });
  }

  private async fly(runs: readonly ChartRun[], signal: AbortSignal): Promise<void> {
    const { wish, layer } = this;
    if (!wish) return;
    const ids = runs.map(({ id }) => id);
    // What was said of runs that are not asked for again still holds.
    const said = new Set(runs.length < wish.runs.length ? this.warnings : []);
    const plan = await this.plan(wish, signal);
    await eachBatch(plan, ids, signal, (series, warnings) => {
      for (const one of series) {
        layer.series.set(one.run, one);
        layer.revisions.set(one.run, wish.revision);
      }
      for (const warning of warnings) said.add(warning);
      this.warnings = [...said];
      this.changed();
    });
    // A run that the answer leaves out has nothing to show; without this it would be asked for again at once.
    for (const id of ids) if (!layer.revisions.has(id)) layer.revisions.set(id, wish.revision);
    for (const { id, live, ending = "" } of runs) if (live === false) layer.settled.set(id, ending);
  }

  private async plan(wish: Wish, signal: AbortSignal): Promise<Plan> {
    const plan: Plan = { ...overviewPlan(wish), ...(wish.smooth > 0 ? { smooth: wish.smooth } : {}) };
    if (!wish.zoom) return plan;
    const steps = wish.x === "step" ? stepsOfRange(wish.zoom) : await this.stepsOfZoom(wish, wish.zoom, signal);
    return { ...plan, ...(steps ?? {}) };
  }

  /** The same buckets by step tell which steps a zoom on another axis means. */
  private async stepsOfZoom(wish: Wish, zoom: Range, signal: AbortSignal): Promise<{ from: number; to: number } | null> {
    const located: Located[] = [];
    const ids = wish.runs.map(({ id }) => id);
    await eachBatch({ ...overviewPlan(wish), x: "step" }, ids, signal, (series) => {
      for (const { run, x } of series) located.push({ x: this.overview.series.get(run)?.x ?? [], steps: x });
    });
    return stepsOfOtherAxis(located, zoom);
  }
}

function overviewPlan({ metric, x, runs }: Wish): Plan {
  return { metric, x, buckets: runs.length > RUNS_A_REQUEST ? BUCKETS_OF_MANY : BUCKETS };
}

type Received = (series: Series[], warnings: string[]) => void;

/** All batches at once: the queue sends as many as the browser has connections for. */
async function eachBatch(plan: Plan, ids: readonly string[], signal: AbortSignal, received: Received): Promise<void> {
  const batches: Promise<void>[] = [];
  for (let first = 0; first < ids.length; first += RUNS_A_REQUEST) {
    const request = { ...plan, runs: ids.slice(first, first + RUNS_A_REQUEST) };
    batches.push(
      curveQueue.ask(request, signal).then(({ series, warnings }) => {
        if (!signal.aborted) received(series, warnings);
      }),
    );
  }
  await Promise.all(batches);
}
