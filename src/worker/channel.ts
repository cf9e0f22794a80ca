/**
 * The page's end of the line to the worker: calls and their answers, the events in between, and the end.
 * @module
 */
import type { WorkerHandle } from '../host/handle.ts';
import type { EpochEvent, StepEvent } from '../types.ts';
import type { Answer, Argument, Method, PageMessage, WorkerMessage } from './protocol.ts';
import { fromWire } from './wireError.ts';

/** Who hears what happens before the answer comes. */
export interface Listeners {
  readonly onSteps?: ((events: readonly StepEvent[]) => void) | undefined;
  readonly onEpoch?: ((event: EpochEvent) => void) | undefined;
}

interface Pending extends Listeners {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Channel {
  readonly #worker: WorkerHandle;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #end: string | undefined;

  constructor(worker: WorkerHandle) {
    this.#worker = worker;
    worker.onMessage((message) => this.#hear(message as WorkerMessage));
    worker.onEnd((reason) => this.#close(`one whose worker ended (${reason}). Create another.`));
  }

  /** Number of the next call. */
  get next(): number {
    return this.#calls;
  }

  /** Asks the worker. @throws {Error} of the worker's, by class and message; or where the worker has ended. */
  call<Name extends Method>(
    method: Name,
    request: Argument<Name>,
    transfer: readonly ArrayBuffer[] = [],
    listeners: Listeners = {},
  ): Promise<Answer<Name>> {
    const call = this.#calls++;
    return new Promise<unknown>((resolve, reject) => {
      if (this.#end !== undefined) throw ended(method, this.#end);
      this.#pending.set(call, { ...listeners, resolve, reject });
      this.#worker.hold(true);
      try {
        this.#worker.post({ type: 'call', call, method, request }, transfer);
      } catch (cause) {
        this.#settle(call);
        throw notSent(method, cause);
      }
    }) as Promise<Answer<Name>>; // Calls says what answers what
  }

  /** Says what needs no answer. */
  tell(
    message: Exclude<PageMessage, { type: 'call' }>,
    transfer: readonly ArrayBuffer[] = [],
  ): void {
    if (this.#end !== undefined) return;
    try {
      this.#worker.post(message, transfer);
    } catch (cause) {
      throw notSent(message.type, cause);
    }
  }

  /** Ends the worker, and every call with an error. */
  dispose(): void {
    this.#close('one that was disposed of. Create another.');
    this.#worker.terminate();
  }

  #hear(message: WorkerMessage): void {
    if (message.type === 'steps') this.#pending.get(message.call)?.onSteps?.(message.events);
    else if (message.type === 'epoch') this.#pending.get(message.call)?.onEpoch?.(message.event);
    else if (message.type === 'result') this.#settle(message.call)?.resolve(message.value);
    else this.#settle(message.call)?.reject(fromWire(message.error));
  }

  #settle(call: number): Pending | undefined {
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    if (this.#pending.size === 0) this.#worker.hold(false);
    return pending;
  }

  #close(reason: string): void {
    this.#end ??= reason;
    for (const [call] of this.#pending)
      this.#settle(call)?.reject(ended('convlet/worker', this.#end));
  }
}

function ended(where: string, reason: string): Error {
  return new Error(`${where}: expected a live backend, got ${reason}`);
}

function notSent(where: string, cause: unknown): TypeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TypeError(`${where}: expected plain data, as goes to a worker, got ${reason}`, {
    cause,
  });
}
