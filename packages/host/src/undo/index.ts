/**
 * What a process has to undo when it stops: the public door of the room.
 *
 * Purpose: whoever opens something says at once how it is closed; at the end, last first.
 * Assumes: nothing. Does not know: what is opened.
 */
export class Unwinding {
  private readonly steps: (() => void | Promise<void>)[] = [];

  push(step: () => void | Promise<void>): void {
    this.steps.push(step);
  }

  /** Every step is taken, even where one fails; then the first failure is thrown. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Starts what has several parts: where a later one fails, those that were opened are closed again. */
export async function unwindOnFailure<T>(start: (undo: Unwinding) => Promise<T>): Promise<T> {
  const undo = new Unwinding();
  try {
    return await start(undo);
  } catch (thrown) {
    await undo.run().catch(() => undefined); // the first failure says more
    throw thrown;
  }
}
