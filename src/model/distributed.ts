/** Training on several ranks: the options that ask for it, and what all ranks must have alike before they begin. @module */
import { yieldTurn } from '#host';
import { checkInteger, wrongKind } from '../base/checks.ts';
import type { Communicator } from '../base/communicator.ts';
import { crc32 } from '../base/crc32.ts';
import type { OptionCheck, OptionChecks } from '../base/options.ts';
import { ALONE, type Ranks, type Reduction } from '../compile/ranks.ts';

export interface DistributedOptions {
  /**
   * The other ranks, each of which calls `fit` on a model of its own with the same data and options: `joinMpi` of
   * `convlet/mpi` gives them. Each computes a part of every batch, and all have the same weights, those of a single process.
   * Listeners are called on rank 0 alone.
   */
  readonly distributed?: Communicator;
  /**
   * How ranks add up gradients. `'ordered'`: to the bytes of a single process. `'fast'`: in the order of the engine, which moves
   * less for large networks; the weights differ in the last digits. @default 'ordered'
   */
  readonly reduce?: Reduction;
}

const METHODS = ['gather', 'exchange', 'sum', 'isDone'] as const;

const communicator: OptionCheck = (where, name, value) => {
  const given = Object(value) as Fields;
  if (METHODS.some((method) => typeof given[method] !== 'function')) {
    throw wrongKind(where, name, 'what joinMpi() of convlet/mpi gives', value);
  }
  checkInteger(`${where}: ${name}`, 'size', given.size, 1);
  checkInteger(`${where}: ${name}`, 'rank', given.rank, 0, given.size - 1);
};

type Fields = Readonly<Record<string, unknown>>;

const reduction: OptionCheck = (where, name, value) => {
  if (value === 'ordered' || value === 'fast') return;
  throw wrongKind(where, name, "'ordered' or 'fast'", value);
};

export const distributedChecks: OptionChecks<DistributedOptions> = {
  distributed: communicator,
  reduce: reduction,
};

/** The place among the ranks. @throws {RangeError} if there are more than parts of a batch, or none to add up for. */
export function ranksOf({ distributed, reduce }: DistributedOptions, shards: number): Ranks {
  if (distributed === undefined) {
    if (reduce === undefined) return ALONE;
    throw new RangeError('fit: expected distributed beside reduce, got none. Leave reduce out.');
  }
  const { rank, size } = distributed;
  if (size > shards) {
    throw new RangeError(
      `fit: expected no more ranks than parts of a batch, ${shards}, got ${size}. Start fewer, or use as many shards, which gives other bits.`,
    );
  }
  return size === 1 ? ALONE : { rank, size, reduce: reduce ?? 'ordered' };
}

/** What ranks have that is not alike. All of them throw it, with the same words. */
export class UnlikeRanksError extends Error {
  override readonly name = 'UnlikeRanksError';
}

/**
 * Compares what every rank has.
 * @param facts Bytes or plain data, by what they are for people.
 * @throws {UnlikeRanksError} on all ranks, naming the first that differs and a rank that has it.
 */
export async function checkAlike(
  communicator: Communicator,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { rank, size } = communicator;
  const names = Object.keys(facts);
  const sums = Uint32Array.from(Object.values(facts), (fact) => crc32(bytesOf(fact)));
  const bytes = sums.byteLength;
  const all = new Uint32Array(size * names.length);
  all.set(sums, rank * names.length);
  communicator.gather(
    new Uint8Array(all.buffer),
    Array.from({ length: size + 1 }, (_, other) => other * bytes),
  );
  while (!communicator.isDone(TURN_MILLISECONDS)) await yieldTurn();
  const unlike = all.findIndex((sum, i) => sum !== all[i % names.length]);
  if (unlike < 0) return;
  const other = Math.floor(unlike / names.length);
  throw new UnlikeRanksError(
    `fit: expected the same ${names[unlike % names.length]} on every rank, got others on rank ${other} than on rank 0. Start all ranks with the same files and options.`,
  );
}

const TURN_MILLISECONDS = 20;

function bytesOf(fact: unknown): Uint8Array {
  if (fact instanceof Float32Array) {
    return new Uint8Array(fact.buffer, fact.byteOffset, fact.byteLength);
  }
  return new TextEncoder().encode(JSON.stringify(fact) ?? '');
}
