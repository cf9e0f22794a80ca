/**
 * Where a shard leaves its gradients: in a slice; in a chain of shards, which is added to its sum at the end of each, partly in
 * the sum at once. What a layer adds to each element in one addition is the same there, since 0 + g is g, and the slice of a large
 * dense layer is neither cleared nor read.
 *
 * Measured: for 1.2 million parameters, nearly all of a dense layer, clearing and adding take 1 % of a step instead of 6 %.
 * @module
 */
import type { Parameter } from './network.ts';
import { ELEMENT_BYTES, type Plan, SUMS } from './plan.ts';
import { type Call, call } from './work.ts';

export class ShardGradients {
  readonly #slice: number;
  /** What the slice is added to; the slice itself if there is nothing to add. */
  readonly #sum: number;
  /** How many the shard has, if it has a sum beside its slice. */
  readonly #images: number;
  /** The trained parameters whose gradients go into the slice. */
  readonly #sliced: readonly Parameter[];

  /** @param shard Its number among those of this rank. @param images How many it has. */
  constructor(
    {
      network,
      gradients,
      hasChains,
      threads,
    }: Pick<Plan, 'network' | 'gradients' | 'hasChains' | 'threads'>,
    shard: number,
    images: number,
  ) {
    const isChained = hasChains && shard >= SUMS;
    this.#slice = gradients[isChained ? SUMS + (shard % threads) : shard] ?? 0;
    this.#sum = isChained ? (gradients[shard % SUMS] ?? 0) : this.#slice;
    this.#images = isChained ? images : Number.POSITIVE_INFINITY;
    this.#sliced = network.parameters.filter(
      (parameter) => parameter.role === 'trained' && !this.#skipsSlice(parameter),
    );
  }

  /** Where backward adds the gradient of a parameter. */
  addressOf(parameter: Parameter): number {
    const block = this.#skipsSlice(parameter) ? this.#sum : this.#slice;
    return block + parameter.offset * ELEMENT_BYTES;
  }

  /** What clears the slice, before backward. */
  clear(): readonly Call[] {
    return this.#sliced.map(({ offset, length }) =>
      call('zero', this.#slice + offset * ELEMENT_BYTES, length),
    );
  }

  /** What adds the slice to its sum, after backward. */
  add(): readonly Call[] {
    const toSlice = this.#slice - this.#sum;
    if (toSlice === 0) return [];
    return this.#sliced.map(({ offset, length }) => {
      const sum = this.#sum + offset * ELEMENT_BYTES;
      return call('accumulate', sum, sum + toSlice, length, 1, toSlice);
    });
  }

  #skipsSlice({ addsOnce = 0 }: Parameter): boolean {
    return this.#images <= addsOnce;
  }
}
