/** Runs what ranks tell one another, over the memory of a program. @module */
import { yieldTurn } from '#host';
import { type Communicator, LostRankError } from '../base/communicator.ts';
import type { AbortSignal } from '../base/engine.ts';
import type { Arena } from '../wasm/memory.ts';
import type { Exchange } from './ranks.ts';

/** After this long without an answer, the event loop gets a turn; and then again and again. */
const PATIENCE_MILLISECONDS = 100;
const TURN_MILLISECONDS = 20;

/** How long the others have for a step when this rank is to end. A launcher that ends a job may kill it after a second. */
const LAST_MILLISECONDS = 400;

/** Begins an exchange. */
export type BoundExchange = (communicator: Communicator) => void;

/** Binds exchanges to a memory, which must not grow. */
export function bindExchanges(arena: Arena, exchanges: readonly Exchange[]): BoundExchange[] {
  return exchanges.map((exchange) => {
    const bytes = (address: number, bounds: readonly number[]) =>
      arena.u8(address, bounds.at(-1) ?? 0);
    if (exchange.type === 'sum') {
      const numbers = arena.f32(exchange.address, exchange.length);
      return (communicator) => communicator.sum(numbers);
    }
    if (exchange.type === 'gather') {
      const { address, bounds } = exchange;
      const all = bytes(address, bounds);
      return (communicator) => communicator.gather(all, bounds);
    }
    const { from, fromBounds, to, toBounds } = exchange;
    const [sent, received] = [bytes(from, fromBounds), bytes(to, toBounds)];
    return (communicator) => communicator.exchange(sent, fromBounds, received, toBounds);
  });
}

/** Begins exchanges and waits a while. @returns false if a rank is late. */
export function runExchanges(
  communicator: Communicator,
  exchanges: readonly BoundExchange[],
): boolean {
  for (const begin of exchanges) begin(communicator);
  return communicator.isDone(PATIENCE_MILLISECONDS);
}

/**
 * Waits for ranks that are late, while the event loop has its turns. Ranks that are asked to end finish their step first; if
 * the others do not get there soon, one of them is gone.
 * @throws {LostRankError} if a rank is gone.
 */
export async function awaitRanks(
  communicator: Communicator,
  signal: AbortSignal | undefined,
): Promise<void> {
  let last = Number.POSITIVE_INFINITY;
  do {
    await yieldTurn();
    const now = performance.now();
    if (signal?.aborted) last = Math.min(last, now + LAST_MILLISECONDS);
    if (now > last) throw new LostRankError('this one was asked to end while it waited');
  } while (!communicator.isDone(TURN_MILLISECONDS));
}

/** The same for a caller that cannot await: without an end. */
export function insistOnRanks(communicator: Communicator): void {
  while (!communicator.isDone(PATIENCE_MILLISECONDS));
}
