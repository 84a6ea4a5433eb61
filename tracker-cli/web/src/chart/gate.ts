/**
 * Lets a few tasks run at a time and keeps the others waiting, the first come first. Browsers allow six
 * connections a server: one carries the live events, one stays for what the user does next.
 */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  /** Runs the task once there is room; one that was aborted while it waited never starts. */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.running >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      signal.throwIfAborted();
      return await task();
    } finally {
      this.leave();
    }
  }

  /** Hands the place on, or frees it. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running -= 1;
  }
}

/** The one gate of all charts. */
export const curveGate = new Gate(4);
