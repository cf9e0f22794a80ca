/**
 * Runs the calls of a program: phases one after another, each shared by the threads that have joined. Between some of them the
 * ranks of a distributed run tell one another what they have.
 *
 * A thread that is late does not hold up the caller. The part of which a phase is late is kept, and gone on with when the
 * thread is done: `settle` waits for it and lets the event loop have its turn, `insist` waits here.
 * @module
 */
import type { Communicator } from '../base/communicator.ts';
import type { AbortSignal, WasmModule } from '../base/engine.ts';
import { Balance } from '../threads/balance.ts';
import type { ThreadPool } from '../threads/pool.ts';
import type { BoundTask } from '../threads/tasks.ts';
import { Team } from '../threads/team.ts';
import type { Arena } from '../wasm/memory.ts';
import {
  awaitRanks,
  type BoundExchange,
  bindExchanges,
  insistOnRanks,
  runExchanges,
} from './exchanges.ts';
import { bindWork, isPhaseWork, type Phase, type PhaseWork } from './work.ts';

/** What all threads do between two meetings. */
interface BoundWork {
  /** By which the team knows it. */
  readonly key: number;
  /** As this thread does them. */
  readonly tasks: readonly BoundTask[];
}

/** What ranks tell one another. */
interface BoundExchanges {
  readonly exchanges: readonly BoundExchange[];
}

type BoundPhase = BoundWork | BoundExchanges;

/** A training step up to its gradients, an update, or an evaluation: phases one after another. */
export interface Part {
  readonly phases: readonly BoundPhase[];
  /** The same for this thread alone, to the same results; it may be another way to them. */
  readonly alone: readonly BoundPhase[];
  /** Whether it changes weights: half of it must not be computed with. */
  readonly isUpdate: boolean;
  readonly balance: Balance;
}

/** What the threads are told of exchanges, which are the first one's. */
const NOTHING: PhaseWork = () => [];

/** A phase that is late, of a part. */
interface Late {
  readonly part: Part;
  /** Of the part, as they are being run. */
  readonly phases: readonly BoundPhase[];
  readonly phase: number;
}

export class Phases {
  readonly #arena: Arena;
  readonly #pool: ThreadPool | undefined;
  readonly #team: Team | undefined;
  #communicator: Communicator | undefined;
  #count = 0;
  /** Whether the last part that is no update was shared. */
  #isShared = true;
  #hasFailed = false;
  /** The part of which a phase is late, and which phase; until `settle` is through, other calls come in between. */
  #late: Late | undefined;

  /** @param control Address of the block through which the threads meet. */
  constructor(arena: Arena, module: WasmModule, pool: ThreadPool | undefined, control: number) {
    this.#arena = arena;
    this.#pool = pool;
    this.#team = pool && new Team(pool, module, arena.memory, control);
  }

  /** Whether a kernel failed half-way, so that the numbers in the memory mean nothing any more. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** With whom exchanges are made, if any are to come. */
  join(communicator: Communicator | undefined): void {
    this.#communicator = communicator;
  }

  /**
   * Calls the other threads in: from here to `leave` they share the work. While another program has them, this one runs
   * alone, to the same results; then it may ask again.
   */
  enter(): void {
    this.#team?.enter();
  }

  /** Lets the other threads go. */
  leave(): void {
    this.#team?.leave();
  }

  /** Makes the other threads forget the memory, which goes to another program: nothing may run any more. */
  dispose(): void {
    if (this.#team?.detach()) this.#pool?.spare.keep(this.#arena.memory);
  }

  /**
   * Binds phases one after another.
   * @param alone What this thread does instead while it is alone, to the same results. @param isUpdate Whether they change weights.
   */
  define(phases: readonly Phase[], alone: readonly Phase[] = phases, isUpdate = false): Part {
    const first = this.#count;
    this.#count += phases.length;
    this.#team?.define(
      first,
      phases.map((phase) => (isPhaseWork(phase) ? phase : NOTHING)),
    );
    const bound = this.#bind(phases, first);
    return {
      phases: bound,
      alone: alone === phases ? bound : this.#bind(alone, first),
      isUpdate,
      balance: new Balance(this.#pool?.size ?? 1),
    };
  }

  /** As this thread does them. */
  #bind(phases: readonly Phase[], first: number): readonly BoundPhase[] {
    const { kernels, memory } = this.#arena;
    return phases.map((phase, index): BoundPhase => {
      if (!isPhaseWork(phase)) return { exchanges: bindExchanges(this.#arena, phase) };
      const tasks = phase(0).map((task) => bindWork(kernels, memory.buffer, task));
      return { key: first + index, tasks };
    });
  }

  /**
   * Runs a part, shared or alone, whichever is faster now. An update goes the way of the gradients before it: after those that one
   * thread made alone the others are asleep, and to wake them takes longer than most updates do.
   * @returns false if a thread or a rank is late.
   */
  run(part: Part): boolean {
    const { phases, alone, isUpdate, balance } = part;
    if (!this.#team?.isEntered) return this.#runFrom(part, alone, 0, undefined);
    if (!isUpdate) this.#isShared = balance.isShared;
    const begin = performance.now();
    const isDone = this.#isShared
      ? this.#runFrom(part, phases, 0, this.#team)
      : this.#runFrom(part, alone, 0, undefined);
    if (!isUpdate) balance.note(performance.now() - begin);
    return isDone;
  }

  /**
   * Waits for threads and ranks that are late, and does what remains of their part.
   * @param signal By which this rank is asked to end. @throws {Error} if a thread has ended. @throws {LostRankError}
   */
  async settle(signal?: AbortSignal): Promise<void> {
    while (this.#late !== undefined) {
      try {
        if (this.#isLateOfRanks) await awaitRanks(this.#ranks, signal);
        else await this.#team?.settle();
      } catch (error) {
        this.#giveUp();
        throw error;
      }
      this.#goOn();
    }
  }

  /**
   * For a call that comes while `settle` waits: does what remains of the part here and now.
   * @throws {Error} if a thread has ended, or does not answer within ten seconds; it may still do so later.
   */
  insist(): void {
    while (this.#late !== undefined) {
      let isDone = true;
      try {
        if (this.#isLateOfRanks) insistOnRanks(this.#ranks);
        else isDone = this.#team?.insist() === true;
      } catch (error) {
        this.#giveUp();
        throw error;
      }
      if (!isDone) {
        throw new Error(
          'threads: expected every worker to answer, one did not. Create another backend.',
        );
      }
      this.#goOn();
    }
  }

  /** The part of which a phase is late will never be done. Half of an update leaves weights that mean nothing. */
  #giveUp(): void {
    this.#hasFailed ||= this.#late?.part.isUpdate === true;
    this.#late = undefined;
  }

  /** Whether it is ranks that are late, not threads. */
  get #isLateOfRanks(): boolean {
    const phase = this.#late?.phases[this.#late.phase];
    return phase !== undefined && 'exchanges' in phase;
  }

  get #ranks(): Communicator {
    if (this.#communicator === undefined) throw new Error('internal: no ranks');
    return this.#communicator;
  }

  /** What remains of the part of which a phase was late. */
  #goOn(): void {
    if (this.#late === undefined) return;
    const { part, phases, phase } = this.#late;
    this.#late = undefined;
    const isShared = this.#team?.isEntered && phases === part.phases;
    this.#runFrom(part, phases, phase + 1, isShared ? this.#team : undefined);
  }

  /** @param team With whom the phases are shared; undefined: alone. */
  #runFrom(
    part: Part,
    phases: readonly BoundPhase[],
    first: number,
    team: Team | undefined,
  ): boolean {
    for (let phase = first; phase < phases.length; phase++) {
      if (this.#runPhase(phases[phase] as BoundPhase, team)) continue; // the index is in range
      this.#late = { part, phases, phase };
      return false;
    }
    return true;
  }

  #runPhase(phase: BoundPhase, team: Team | undefined): boolean {
    if ('exchanges' in phase) return runExchanges(this.#ranks, phase.exchanges);
    const { key, tasks } = phase;
    try {
      if (team !== undefined) return team.run(key, tasks);
      for (const task of tasks) for (const run of task) run();
      return true;
    } catch (cause) {
      this.#hasFailed = true;
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
      const message = `internal: a kernel failed (${cause.message}). Create another model, and report this.`;
      throw new Error(message, { cause });
    }
  }
}
