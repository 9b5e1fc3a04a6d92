/**
 * Sub-batches on their way to the workers, in the order of their batches.
 *
 * Purpose: keep every worker busy and hold no more than that takes. However many batches are asked for at once, a
 * worker has one sub-batch and one that waits for it; the others are not cut yet, and nothing of them is copied. A
 * batch's last sub-batches and the first of the next are under way together.
 * Assumes: steps settle and never reject. Does not know: what a step does, where it runs.
 */

/** Sub-batches under way for each worker: the one it computes and the next. */
export const underWayPerThread = 2;

/** A batch, sub-batch by sub-batch. */
export interface Steps {
  readonly hasNext: () => boolean;
  readonly next: () => Promise<void>;
}

interface Waiting {
  readonly steps: Steps;
  readonly done: () => void;
  underWay: number;
}

export class Line {
  #free: number;
  readonly #waiting: Waiting[] = [];

  constructor(threads: number) {
    this.#free = underWayPerThread * threads;
  }

  /** Takes every step when there is room for it; resolves once all that were taken have settled. */
  run(steps: Steps): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ steps, done, underWay: 0 });
      this.#fill();
    });
  }

  #fill(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (!first.steps.hasNext()) {
        this.#waiting.shift();
        if (first.underWay === 0) first.done();
      } else if (this.#free > 0) this.#take(first);
      else return;
    }
  }

  #take(batch: Waiting): void {
    this.#free -= 1;
    batch.underWay += 1;
    void batch.steps.next().then(() => {
      this.#free += 1;
      batch.underWay -= 1;
      if (batch.underWay === 0 && !batch.steps.hasNext()) batch.done();
      this.#fill();
    });
  }
}
