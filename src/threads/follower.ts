/** What a worker thread runs: it receives the work of its teams, then follows their leader in the shared memory. @module */
import { follow, reportDone, reportFailure } from './barrier.ts';
import { type AttachMessage, LEAVE, type TeamMessage } from './message.ts';

/** Turns a share into functions that can be called. */
export type BindShare = (share: readonly unknown[]) => readonly (() => void)[];

interface Membership {
  readonly bind: BindShare;
  readonly control: Int32Array;
  readonly shares: Map<number, readonly (() => void)[]>;
}

/** Serves the teams of this thread. @param join Receives the message of a new team; returns how to bind its shares. */
export function followTeams(
  listen: (onMessage: (message: TeamMessage) => void) => void,
  join: (message: AttachMessage) => BindShare,
): void {
  const memberships = new Map<number, Membership>();
  listen((message) => {
    const { type, team } = message;
    if (type === 'attach') {
      const control = new Int32Array(message.memory.buffer, message.control);
      memberships.set(team, { bind: join(message), control, shares: new Map() });
      return;
    }
    const membership = memberships.get(team);
    if (type === 'detach' || membership === undefined) {
      memberships.delete(team);
    } else if (type === 'define') {
      membership.shares.set(message.key, membership.bind(message.share));
    } else {
      serve(membership, message.seen, message.spin);
    }
  });
}

/** Follows the leader until it sends `LEAVE`, or until a share fails. */
function serve({ control, shares }: Membership, start: number, spin: number): void {
  for (let seen = start; ; seen++) {
    const key = follow(control, seen, spin);
    try {
      if (key !== LEAVE) runAll(shares.get(key), key);
    } catch (error) {
      reportFailure(control);
      throw error;
    } finally {
      reportDone(control);
    }
    if (key === LEAVE) return;
  }
}

function runAll(share: readonly (() => void)[] | undefined, key: number): void {
  if (share === undefined) throw new Error(`internal: sent off on ${key}, which was not defined`);
  for (const run of share) run();
}
