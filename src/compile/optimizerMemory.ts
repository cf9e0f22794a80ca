/** What an optimizer remembers of its steps, in the memory of a program: blocks as long as the parameters, and scalars. @module */
import type { OptimizerState } from '../optimizers/optimizer.ts';
import { type OptimizerSpec, type OptimizerType, optimizerOf } from '../optimizers/registry.ts';
import type { Arena } from '../wasm/memory.ts';
import type { Plan } from './plan.ts';
import { REMEMBERED, SCALARS } from './work.ts';

export class OptimizerMemory {
  readonly #blocks: readonly Float32Array[];
  readonly #scalars: Float64Array;
  /** Whose state it is, and how many blocks of it; undefined before the first step with the present weights. */
  #stateOf: { readonly type: OptimizerType; readonly blocks: number } | undefined;
  #optimizer: OptimizerSpec | undefined;

  constructor(arena: Arena, { network, state, scalars }: Plan) {
    this.#blocks = state.map((address) => arena.f32(address, network.trainedCount));
    const remembered = scalars + REMEMBERED * Float64Array.BYTES_PER_ELEMENT;
    this.#scalars = arena.f64(remembered, SCALARS - REMEMBERED);
  }

  /** The one that `prepare` was given. */
  get optimizer(): OptimizerSpec {
    if (this.#optimizer === undefined)
      throw new Error('internal: no optimizer before prepareUpdates');
    return this.#optimizer;
  }

  /** Makes ready for steps of an optimizer: what the same one remembers is kept, all else starts anew. @returns whether it is the one before. */
  prepare(optimizer: OptimizerSpec): boolean {
    const isSame = JSON.stringify(optimizer) === JSON.stringify(this.#optimizer);
    this.#optimizer = optimizer;
    const { scalars, initialState } = optimizerOf(optimizer);
    const initial = initialState(optimizer);
    const kept = this.#stateOf?.type === optimizer.type ? this.#stateOf : undefined;
    if (kept === undefined) this.#scalars.set(scalars);
    for (const [i, value] of initial.entries()) {
      if (i >= (kept?.blocks ?? 0)) this.#blocks[i]?.fill(value); // options may ask for more blocks than before
    }
    this.#stateOf = { type: optimizer.type, blocks: initial.length };
    return isSame;
  }

  /** Before an update: its scalars become those of the next step. */
  advance(): void {
    optimizerOf(this.optimizer).advance?.(this.optimizer, this.#scalars);
  }

  /** Makes the next optimizer start anew, also if it is the one before. */
  forget(): void {
    this.#stateOf = undefined;
  }

  /** A copy. */
  state(): OptimizerState {
    const { initialState, scalars } = optimizerOf(this.optimizer);
    return {
      blocks: this.#blocks
        .slice(0, initialState(this.optimizer).length)
        .map((block) => block.slice()),
      scalars: Array.from(this.#scalars.subarray(0, scalars.length)),
    };
  }

  /** Makes an optimizer remember this, which `checkOptimizerState` has seen. */
  restore({ type }: OptimizerSpec, state: OptimizerState): void {
    for (const [i, block] of state.blocks.entries()) this.#blocks[i]?.set(block);
    this.#scalars.set(state.scalars);
    this.#stateOf = { type, blocks: state.blocks.length };
  }

  /** Remembers what another does, of the same network, with at most as many blocks. */
  takeOver(other: OptimizerMemory): void {
    for (const [i, block] of other.#blocks.entries()) this.#blocks[i]?.set(block);
    this.#scalars.set(other.#scalars);
    this.#stateOf = other.#stateOf;
  }
}
