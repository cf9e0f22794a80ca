/** The messages of the calling thread to a worker. A team is the threads on one memory; teams have numbers. @module */
import type { WasmMemory, WasmModule } from '../base/engine.ts';

/** Joins a team: its memory, the module to run on it, and the address of its control block (barrier.ts). */
export interface AttachMessage {
  readonly type: 'attach';
  readonly team: number;
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly control: number;
}

/** The worker's share of `key`. Only `BindShare` (follower.ts) reads the share. */
export interface DefineMessage {
  readonly type: 'define';
  readonly team: number;
  readonly key: number;
  readonly share: readonly unknown[];
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

/** The key that sends workers back to their messages. The keys of shares are 0 or more. */
export const LEAVE = -1;
