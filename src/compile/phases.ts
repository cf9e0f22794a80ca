/**
 * Runs the calls of a program: phases one after another, each shared by the threads that have joined.
 *
 * A thread that is late does not hold up the caller. The part of which a phase is late is kept, and gone on with when the
 * thread is done: `settle` waits for it and lets the event loop have its turn, `insist` waits here.
 * @module
 */
import type { WasmModule } from '../base/engine.ts';
import type { ThreadPool } from '../threads/pool.ts';
import { Team } from '../threads/team.ts';
import type { Arena } from '../wasm/memory.ts';
import { type BoundWork, bindWork, type Work } from './work.ts';

/** What all threads do between two meetings. */
interface Phase {
  /** By which the team knows it. */
  readonly key: number;
  /** By thread, bound for this one: the first is its own, alone it does all. */
  readonly work: readonly (readonly BoundWork[])[];
}

/** A training step up to its gradients, an update, or an evaluation: phases one after another. */
export type Part = readonly Phase[];

export class Phases {
  readonly #arena: Arena;
  readonly #pool: ThreadPool | undefined;
  readonly #team: Team | undefined;
  #count = 0;
  #hasFailed = false;
  /** The part of which a phase is late, and which phase; until `settle` is through, other calls come in between. */
  #late: { readonly part: Part; phase: number } | undefined;

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

  /** Binds calls: by phase, then by thread. */
  define(phases: readonly (readonly (readonly Work[])[])[]): Part {
    const { kernels, memory } = this.#arena;
    return phases.map((shares) => {
      const key = this.#count++;
      this.#team?.define(key, shares);
      return { key, work: shares.map((share) => bindWork(kernels, memory.buffer, share)) };
    });
  }

  /** Runs a part. @returns false if a thread is late. */
  run(part: Part): boolean {
    return this.#runFrom(part, 0);
  }

  /** Waits for threads that are late, and does what remains of their part. @throws {Error} if one has ended. */
  async settle(): Promise<void> {
    try {
      while (this.#late !== undefined) {
        await this.#team?.settle();
        this.#goOn();
      }
    } finally {
      this.#late = undefined;
    }
  }

  /**
   * For a call that comes while `settle` waits: does what remains of the part here and now.
   * @throws {Error} if a thread does not answer within ten seconds.
   */
  insist(): void {
    while (this.#late !== undefined) {
      this.#team?.insist();
      this.#goOn();
    }
  }

  /** What remains of the part of which a phase was late. */
  #goOn(): void {
    if (this.#late === undefined) return;
    const { part, phase } = this.#late;
    this.#late = undefined;
    this.#runFrom(part, phase + 1);
  }

  #runFrom(part: Part, first: number): boolean {
    for (let phase = first; phase < part.length; phase++) {
      if (this.#runPhase(part[phase] as Phase)) continue; // the index is in range
      this.#late = { part, phase };
      return false;
    }
    return true;
  }

  #runPhase({ key, work }: Phase): boolean {
    try {
      if (this.#team?.isEntered) return this.#team.run(key, work[0] ?? []);
      for (const share of work) for (const run of share) run();
      return true;
    } catch (cause) {
      this.#hasFailed = true;
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
      const message = `internal: a kernel failed (${cause.message}). Create another model, and report this.`;
      throw new Error(message, { cause });
    }
  }
}
