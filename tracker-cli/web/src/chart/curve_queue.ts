/**
 * Asks the server for curves on behalf of all charts. Charts that come on the screen together want the same
 * runs and steps of different metrics: one request answers them all. A few requests are on the way at a time,
 * and what comes meanwhile is joined while it waits.
 */
import { fetchCurves } from "../data/curves.ts";
import type { CurveRequest, Curves } from "../data/curves.ts";

/** What one chart wants: curves of one metric. */
export type Wanted = Omit<CurveRequest, "metrics"> & { metric: string };

type Fetch = (request: CurveRequest, signal: AbortSignal) => Promise<Curves>;

/** Browsers allow six connections a server: one carries the live events, one stays for what the user does next. */
const MOST_ON_THE_WAY = 4;
/** More curves in one answer would keep the first chart waiting for the last. */
const MOST_CURVES = 100;

interface Waiting {
  metric: string;
  /** What requests must share to be joined. */
  common: Omit<CurveRequest, "metrics">;
  key: string;
  signal: AbortSignal;
  resolve(curves: Curves): void;
  reject(reason: unknown): void;
}

export class CurveQueue {
  private onTheWay = 0;
  private waiting: Waiting[] = [];

  constructor(
    private readonly fetch: Fetch,
    private readonly most = MOST_ON_THE_WAY,
  ) {}

  /** The curves of the metric; rejects as soon as the signal says that nobody wants them any more. */
  ask({ metric, ...common }: Wanted, signal: AbortSignal): Promise<Curves> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      this.waiting.push({ metric, common, key: JSON.stringify(common), signal, resolve, reject });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      // Charts of one turn ask one after the other: the first waits until all have.
      queueMicrotask(() => this.send());
    });
  }

  private send(): void {
    while (this.onTheWay < this.most) {
      const joined = this.takeJoined();
      if (joined.length === 0) return;
      this.onTheWay += 1;
      void request(this.fetch, joined).finally(() => {
        this.onTheWay -= 1;
        this.send();
      });
    }
  }

  /** The one that waits longest, and those that can share its request. */
  private takeJoined(): Waiting[] {
    this.waiting = this.waiting.filter(({ signal }) => !signal.aborted);
    const [first] = this.waiting;
    if (!first) return [];
    const room = Math.max(1, Math.floor(MOST_CURVES / Math.max(1, first.common.runs.length)));
    const joined = this.waiting.filter(({ key }) => key === first.key).slice(0, room);
    this.waiting = this.waiting.filter((each) => !joined.includes(each));
    return joined;
  }
}

/** Each gets the curves of its metric, or the failure of all. */
async function request(fetch: Fetch, joined: readonly Waiting[]): Promise<void> {
  const flight = new AbortController();
  const leave = (): void => {
    if (joined.every(({ signal }) => signal.aborted)) flight.abort();
  };
  for (const { signal } of joined) signal.addEventListener("abort", leave, { once: true });
  try {
    const metrics = [...new Set(joined.map(({ metric }) => metric))];
    const { series, warnings } = await fetch({ ...(joined[0] as Waiting).common, metrics }, flight.signal);
    for (const { metric, resolve } of joined) resolve({ series: series.filter((each) => each.metric === metric), warnings });
  } catch (failure) {
    for (const { reject } of joined) reject(failure);
  } finally {
    for (const { signal } of joined) signal.removeEventListener("abort", leave);
  }
}

/** The one queue of all charts. */
export const curveQueue = new CurveQueue(fetchCurves);
