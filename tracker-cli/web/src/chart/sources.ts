/** Where the curves of a chart come from: one loader for each of its metrics, and those that its formulas need. */
import type { Series } from "../data/curves.ts";
import { metricsOf } from "../model/formula.ts";
import type { Expression } from "../model/formula.ts";
import type { Range } from "../model/scale.ts";
import { FormulaCache } from "./formula_cache.ts";
import { Loader } from "./loader.ts";
import type { Loading, Wish } from "./loader.ts";
import type { ChartLine, ChartProps } from "./types.ts";

type Wanted = Pick<ChartProps, "lines" | "runs" | "options" | "revision">;

export class Sources {
  private readonly loaders = new Map<string, Loader>();
  private readonly computed = new FormulaCache();
  private lines: readonly ChartLine[] = [];
  private smooth = 0;
  private x = "step";

  constructor(private readonly changed: () => void) {}

  /** The best known curve of a run. */
  readonly series = (line: ChartLine, run: string): Series | undefined => {
    const formula = formulaOf(line);
    if (formula === undefined) return this.loaders.get(line.metric)?.series(run);
    if (formula === null) return undefined;
    const seen = (metric: string): Series | undefined => this.loaders.get(byStep(metric))?.series(run);
    const whole = (metric: string): Series | undefined => this.loaders.get(byStep(metric))?.whole(run);
    const placed = (metric: string): Series | undefined => this.loaders.get(onAxis(metric))?.series(run);
    const source = { seen, whole, placed: this.x === "step" ? seen : placed };
    return this.computed.series(`${run}\n${line.metric}`, formula, source, run, this.smooth);
  };

  /** Takes a new wish; only what it changes is fetched. */
  want(wanted: Wanted, zoom: Range | null): void {
    if (this.x !== wanted.options.x || this.lines !== wanted.lines) this.computed.clear();
    this.x = wanted.options.x;
    this.lines = wanted.lines;
    this.smooth = wanted.options.smooth;
    const wishes = new Map(wanted.lines.flatMap((line) => wishesOf(line, wanted, zoom)));
    for (const [key, loader] of this.loaders) {
      if (wishes.has(key)) continue;
      loader.pause();
      this.loaders.delete(key);
    }
    for (const [key, wish] of wishes) this.loader(key).want(wish);
  }

  get state(): Loading {
    const states = [...this.loaders.values()].map((loader) => loader.state);
    return {
      busy: states.some(({ busy }) => busy),
      error: states.find(({ error }) => error !== null)?.error ?? null,
      warnings: [...new Set(states.flatMap(({ warnings }) => warnings))],
    };
  }

  /** Whether every wished run of every metric has been answered for. */
  get complete(): boolean {
    return [...this.loaders.values()].every((loader) => loader.complete);
  }

  retry(): void {
    for (const loader of this.loaders.values()) loader.retry();
  }

  /** Stops asking: the chart has left the screen. */
  pause(): void {
    for (const loader of this.loaders.values()) loader.pause();
  }

  private loader(key: string): Loader {
    const known = this.loaders.get(key) ?? new Loader(this.changed);
    this.loaders.set(key, known);
    return known;
  }
}

/** Undefined of a metric, null of a formula that cannot be read. */
function formulaOf({ formula }: ChartLine): Expression | null | undefined {
  return formula && "problem" in formula ? null : formula;
}

function byStep(metric: string): string {
  return `step\n${metric}`;
}

function onAxis(metric: string): string {
  return `axis\n${metric}`;
}

/**
 * What a line needs. Metrics of a formula meet at their steps, so it asks for these; on another axis it asks for
 * the same points there too, which is why it then shows a zoom no finer than the whole.
 */
function wishesOf(line: ChartLine, { runs, options: { x, smooth }, revision }: Wanted, zoom: Range | null): [string, Wish][] {
  const formula = formulaOf(line);
  if (formula === undefined) return [[line.metric, { metric: line.metric, runs, revision, x, smooth, zoom }]];
  if (formula === null) return [];
  return metricsOf(formula).flatMap((metric): [string, Wish][] => {
    const wish = { metric, runs, revision, smooth: 0 };
    if (x === "step") return [[byStep(metric), { ...wish, x, zoom }]];
    return [
      [byStep(metric), { ...wish, x: "step", zoom: null }],
      [onAxis(metric), { ...wish, x, zoom: null }],
    ];
  });
}
