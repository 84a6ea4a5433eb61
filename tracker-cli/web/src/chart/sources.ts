/** Where the curves of a chart come from: one loader for each of its metrics. */
import type { Series } from "../data/curves.ts";
import type { Range } from "../model/scale.ts";
import { Loader } from "./loader.ts";
import type { Loading } from "./loader.ts";
import type { ChartLine, ChartProps } from "./types.ts";

type Wanted = Pick<ChartProps, "lines" | "runs" | "options" | "revision">;

export class Sources {
  private readonly loaders = new Map<string, Loader>();

  constructor(private readonly changed: () => void) {}

  /** The best known curve of a run. */
  readonly series = (line: ChartLine, run: string): Series | undefined => this.loaders.get(line.metric)?.series(run);

  /** Takes a new wish; only what it changes is fetched. */
  want({ lines, runs, options: { x, smooth }, revision }: Wanted, zoom: Range | null): void {
    const metrics = new Set(lines.map(({ metric }) => metric));
    for (const [metric, loader] of this.loaders) {
      if (metrics.has(metric)) continue;
      loader.pause();
      this.loaders.delete(metric);
    }
    for (const metric of metrics) this.loader(metric).want({ metric, runs, revision, x, smooth, zoom });
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

  private loader(metric: string): Loader {
    const known = this.loaders.get(metric) ?? new Loader(this.changed);
    this.loaders.set(metric, known);
    return known;
  }
}
