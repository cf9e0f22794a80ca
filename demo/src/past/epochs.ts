/**
 * The weights at the end of each epoch, for a look back. Their number is bounded: when there are too many, every second one
 * goes, and from then on every second one is kept, so that they stay evenly spread over the run. The first and the last
 * always stay, and the one that is looked at.
 * @module
 */
import type { Weights } from '../pictures/forward.ts';

export interface PastEpoch {
  readonly epochsDone: number;
  /** Steps of the epoch after these: 0, but for a run that was brought here in the middle of one. */
  readonly step: number;
  readonly weights: Weights;
}

export interface Limits {
  readonly epochs: number;
  readonly bytes: number;
}

const LIMITS: Limits = { epochs: 64, bytes: 2 ** 26 };
/** The first, the last, and the one that is looked at. */
const LEAST = 3;

export class PastEpochs {
  readonly #limits: Limits;
  #list: readonly PastEpoch[] = [];
  /** Epochs from one that is kept to the next. */
  #stride = 1;
  #pinned: PastEpoch | undefined;

  constructor(limits: Limits = LIMITS) {
    this.#limits = limits;
  }

  /** In their order. */
  get list(): readonly PastEpoch[] {
    return this.#list;
  }

  /** The one that is looked at stays. */
  pin(epoch: PastEpoch | undefined): void {
    this.#pinned = epoch;
  }

  /** Forgets the epochs of the run before, and keeps the weights that the new one begins with. */
  begin(first: PastEpoch): void {
    this.#list = [first];
    this.#stride = 1;
    this.#pinned = undefined;
  }

  /** The end of an epoch, in place of what was taken for it before. */
  add(epoch: PastEpoch): void {
    const earlier = this.#list.filter(({ epochsDone }) => epochsDone < epoch.epochsDone);
    this.#list = [...earlier, epoch];
    this.#thin();
    while (this.#list.length > this.#most(epoch)) {
      this.#stride *= 2;
      this.#thin();
    }
  }

  #thin(): void {
    const [first] = this.#list;
    const last = this.#list.at(-1);
    const isDue = ({ epochsDone }: PastEpoch) =>
      (epochsDone - (first?.epochsDone ?? 0)) % this.#stride === 0;
    this.#list = this.#list.filter(
      (epoch) => epoch === first || epoch === last || epoch === this.#pinned || isDue(epoch),
    );
  }

  #most({ weights }: PastEpoch): number {
    let bytes = 0;
    for (const { data } of weights.values()) bytes += data.byteLength;
    return Math.max(LEAST, Math.min(this.#limits.epochs, Math.floor(this.#limits.bytes / bytes)));
  }
}
