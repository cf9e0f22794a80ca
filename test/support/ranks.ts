/**
 * Ranks within one thread: each waits while the event loop lets the others run. Everything that a communicator promises is
 * held here, so a call that another rank does not make, or makes otherwise, fails instead of waiting for ever.
 */
import type { Communicator } from '../../src/base/communicator.ts';

interface Call {
  readonly type: string;
  readonly bounds: readonly number[];
  readonly run: (calls: readonly Call[]) => void;
  readonly bytes: Uint8Array;
  readonly toBounds?: readonly number[];
}

/** Bytes that each rank received from others. */
export interface Traffic {
  received: number;
}

/** Communicators of `size` ranks. @param without A rank that never answers after so many calls, and who is told of it. */
export function ranksInOneThread(
  size: number,
  traffic: Traffic = { received: 0 },
  without?: { readonly rank: number; readonly after: number; readonly onSilence: () => void },
): Communicator[] {
  const calls: Call[][] = Array.from({ length: size }, () => []);
  let done = 0;
  const advance = () => {
    while (calls.every((own) => own.length > done)) {
      const round = calls.map((own) => own[done] as Call);
      if (new Set(round.map(({ type }) => type)).size > 1) {
        throw new Error(`ranks call different things: ${round.map(({ type }) => type)}`);
      }
      for (const call of round) call.run(round);
      done++;
    }
  };
  const block = (bytes: Uint8Array, bounds: readonly number[], rank: number) =>
    bytes.slice(bounds[rank], bounds[rank + 1]);
  return calls.map((own, rank): Communicator => {
    const post = (call: Call) => void own.push(call);
    return {
      rank,
      size,
      gather(bytes, bounds) {
        const mine = block(bytes, bounds, rank);
        post({
          type: `gather ${bounds}`,
          bounds,
          bytes: mine,
          run(round) {
            for (const [other, { bytes: sent }] of round.entries()) {
              bytes.set(sent, bounds[other]);
              if (other !== rank) traffic.received += sent.length;
            }
          },
        });
      },
      exchange(from, fromBounds, to, toBounds) {
        post({
          type: 'exchange',
          bounds: fromBounds,
          bytes: from.slice(),
          run(round) {
            for (const [other, { bytes, bounds }] of round.entries()) {
              const sent = block(bytes, bounds, rank);
              const room = (toBounds[other + 1] ?? 0) - (toBounds[other] ?? 0);
              if (sent.length !== room) throw new Error(`${sent.length} bytes for ${room}`);
              to.set(sent, toBounds[other]);
              if (other !== rank) traffic.received += sent.length;
            }
          },
        });
      },
      sum(numbers) {
        const { buffer } = numbers.slice();
        post({
          type: 'sum',
          bounds: [],
          bytes: new Uint8Array(buffer),
          run(round) {
            numbers.fill(0);
            for (const { bytes } of [...round].reverse()) {
              const sent = new Float32Array(bytes.buffer);
              for (const [i, number] of sent.entries()) numbers[i] = (numbers[i] ?? 0) + number;
            }
          },
        });
      },
      isDone() {
        if (rank === without?.rank && done >= without.after) {
          without.onSilence();
          return false;
        }
        advance();
        return done >= own.length;
      },
    };
  });
}
