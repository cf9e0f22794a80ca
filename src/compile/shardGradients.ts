/**
 * Where a shard leaves its gradients: in a slice; in a chain of shards, which is added to its sum at the end of each, partly in
 * the sum at once. What a layer adds to each element in one addition is the same there, since 0 + g is g, and the slice of a large
 * dense layer is neither cleared nor read.
 *
 * Measured: for 1.2 million parameters, nearly all of a dense layer, clearing and adding take 1 % of a step instead of 6 %.
 * @module
 */
import type { Parameter } from './network.ts';
import { ELEMENT_BYTES, type Plan, type Range, SUMS } from './plan.ts';
import { type Call, call } from './work.ts';

export class ShardGradients {
  readonly #slice: number;
  /** What the slice is added to; the slice itself if there is nothing to add. */
  readonly #sum: number;
  readonly #images: number;
  /** The parts of the trained parameters whose gradients go into the slice. */
  readonly #ranges: readonly Range[];

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
    this.#images = images;
    this.#ranges = joined(
      network.parameters.filter(
        (parameter) => parameter.role === 'trained' && !this.#skipsSlice(parameter),
      ),
    );
  }

  /** Where backward adds the gradient of a parameter. */
  addressOf(parameter: Parameter): number {
    const block = this.#skipsSlice(parameter) ? this.#sum : this.#slice;
    return block + parameter.offset * ELEMENT_BYTES;
  }

  /** What clears the slice, before backward. */
  clear(): readonly Call[] {
    return this.#ranges.map(({ start, length }) =>
      call('zero', this.#slice + start * ELEMENT_BYTES, length),
    );
  }

  /** What adds the slice to its sum, after backward. */
  add(): readonly Call[] {
    if (this.#sum === this.#slice) return [];
    return this.#ranges.map(({ start, length }) => {
      const sum = this.#sum + start * ELEMENT_BYTES;
      const slice = this.#slice + start * ELEMENT_BYTES;
      return call('accumulate', sum, slice, length, 1, slice - sum);
    });
  }

  #skipsSlice({ addsOnce = 0 }: Parameter): boolean {
    return this.#images <= addsOnce && this.#sum !== this.#slice;
  }
}

/** Neighbours as one range. */
function joined(parameters: readonly Parameter[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const { offset, length } of parameters) {
    const last = ranges.at(-1);
    if (last !== undefined && last.start + last.length === offset) {
      ranges.splice(-1, 1, { start: last.start, length: last.length + length });
    } else ranges.push({ start: offset, length });
  }
  return ranges;
}
