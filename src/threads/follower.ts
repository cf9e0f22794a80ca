/** What a worker thread runs: it receives the work of its teams, then follows their leader in the shared memory. @module */
import { follow, reportDone } from './barrier.ts';
import { type AttachMessage, LEAVE, type TeamMessage } from './message.ts';
import { type BoundTask, shareTasks } from './tasks.ts';

/** Turns the data of a task into functions that can be called. */
export type BindTask = (task: readonly unknown[]) => BoundTask;

interface Membership {
  readonly bind: BindTask;
  readonly control: Int32Array;
  readonly thread: number;
  readonly threads: number;
  /** By key. */
  readonly tasks: Map<number, readonly BoundTask[]>;
}

/** Serves the teams of this thread. @param join Receives the message of a new team; returns how to bind its tasks. */
export function followTeams(
  listen: (onMessage: (message: TeamMessage) => void) => void,
  join: (message: AttachMessage) => BindTask,
): void {
  const memberships = new Map<number, Membership>();
  listen((message) => {
    const { type, team } = message;
    if (type === 'attach') {
      const control = new Int32Array(message.memory.buffer, message.control);
      const { thread, threads } = message;
      memberships.set(team, { bind: join(message), control, thread, threads, tasks: new Map() });
      return;
    }
    const membership = memberships.get(team);
    if (type === 'detach' || membership === undefined) {
      memberships.delete(team);
    } else if (type === 'define') {
      membership.tasks.set(message.key, message.tasks.map(membership.bind));
    } else {
      serve(membership, message.seen, message.spin);
    }
  });
}

/** Follows the leader until it sends `LEAVE`. If a task fails, this thread ends without a report, and the leader is told why. */
function serve({ control, thread, threads, tasks }: Membership, start: number, spin: number): void {
  for (let seen = start; ; seen = (seen + 1) | 0 /* as the word that it is compared with */) {
    const key = follow(control, seen, spin);
    if (key !== LEAVE) shareTasks(control, thread, threads, defined(tasks.get(key), key));
    reportDone(control);
    if (key === LEAVE) return;
  }
}

function defined(tasks: readonly BoundTask[] | undefined, key: number): readonly BoundTask[] {
  if (tasks === undefined) throw new Error(`internal: sent off on ${key}, which was not defined`);
  return tasks;
}
