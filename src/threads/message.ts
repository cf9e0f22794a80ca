/** The messages of the calling thread to a worker. A team is the threads on one memory; teams have numbers. @module */
import type { WasmMemory, WasmModule } from '../base/engine.ts';

/** Joins a team: its memory, the module to run on it, the address of its control block (tasks.ts), and the worker's place. */
export interface AttachMessage {
  readonly type: 'attach';
  readonly team: number;
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly control: number;
  /** Which thread of how many this is; the leader is thread 0. */
  readonly thread: number;
  readonly threads: number;
}

/** The tasks of `key`, as this worker does them. Only `BindTask` (follower.ts) reads a task. */
export interface DefineMessage {
  readonly type: 'define';
  readonly team: number;
  readonly key: number;
  readonly tasks: readonly (readonly unknown[])[];
}

/** Enters the memory: the worker receives no messages until it is sent off with `LEAVE`. */
export interface EnterMessage {
  readonly type: 'enter';
  readonly team: number;
  /** How often the team had been sent off before. */
  readonly seen: number;
  /** Milliseconds to poll before sleeping. */
  readonly spin: number;
}

export interface DetachMessage {
  readonly type: 'detach';
  readonly team: number;
}

export type TeamMessage = AttachMessage | DefineMessage | EnterMessage | DetachMessage;

/** The key that sends workers back to their messages. The keys of phases are 0 or more. */
export const LEAVE = -1;
