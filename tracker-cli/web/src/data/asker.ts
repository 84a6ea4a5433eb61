/**
 * Asks one question at a time, and again when what it is about has changed: no more often than the pause, and than half
 * of the time. An answer to a question that nobody has any more is dropped; one that takes longer than changes come is not.
 */
export class Asker<Answer> {
  private question: string | null = null;
  private flying: string | null = null;
  private stale = false;
  private last: { question: string | null; next: number } = { question: null, next: -Infinity };
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: (question: string) => Promise<Answer>,
    private readonly tell: (answer: Answer | null, failure: unknown) => void,
    private readonly pause = 1000,
  ) {}

  /** Takes a question, another one or the same after a change; null asks for nothing. */
  want(question: string | null): void {
    this.question = question;
    this.stale = true;
    this.plan();
  }

  /** Nobody is there to be told. */
  stop(): void {
    this.want(null);
  }

  private plan(): void {
    clearTimeout(this.timer);
    const { question } = this;
    // The same question on its way is asked again when it has been answered.
    if (question === null || !this.stale || this.flying === question) return;
    const wait = this.last.question === question ? Math.max(0, this.last.next - performance.now()) : 0;
    this.timer = setTimeout(() => void this.fly(question), wait);
  }

  private async fly(question: string): Promise<void> {
    const begun = performance.now();
    this.stale = false;
    this.flying = question;
    let [answer, failure]: [Answer | null, unknown] = [null, null];
    try {
      answer = await this.ask(question);
    } catch (thrown) {
      failure = thrown;
    }
    const now = performance.now();
    if (this.flying === question) this.flying = null;
    this.last = { question, next: now + Math.max(this.pause, now - begun) };
    if (this.question === question) this.tell(answer, failure);
    this.plan();
  }
}
