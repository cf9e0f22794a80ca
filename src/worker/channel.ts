/**
 * The page's end of the line to the worker: calls and their answers, the events in between, and the worker's end.
 * @module
 */
import { isMap } from '../base/brands.ts';
import { describe } from '../base/errors.ts';
import type { WorkerHandle } from '../host/handle.ts';
import type {
  Answer,
  Argument,
  FitEvent,
  Method,
  PageMessage,
  PastEvent,
  WorkerMessage,
} from './protocol.ts';
import { fromWire } from './wireError.ts';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** Receives the events that come before the answer. */
  readonly onEvent: ((event: FitEvent | PastEvent) => void) | undefined;
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

  /** Asks the worker. @throws the worker's error, by class and message; {Error} if the worker has ended. */
  call<Name extends Method>(
    method: Name,
    request: Argument<Name>,
    transfer: readonly ArrayBuffer[] = [],
    onEvent?: (event: FitEvent | PastEvent) => void,
  ): Promise<Answer<Name>> {
    const call = this.#calls++;
    return new Promise<unknown>((resolve, reject) => {
      if (this.#end !== undefined) throw ended(method, this.#end);
      this.#pending.set(call, { resolve, reject, onEvent });
      this.#worker.hold(true);
      try {
        this.#worker.post({ type: 'call', call, method, request }, transfer);
      } catch (cause) {
        this.#settle(call);
        throw notSent(method, request, cause);
      }
    }) as Promise<Answer<Name>>; // `Calls` has the type of each answer
  }

  /** Posts a message that needs no answer. */
  tell(
    message: Exclude<PageMessage, { type: 'call' }>,
    transfer: readonly ArrayBuffer[] = [],
    where: string = message.type,
  ): void {
    if (this.#end !== undefined) return;
    try {
      this.#worker.post(message, transfer);
    } catch (cause) {
      throw notSent(where, message, cause);
    }
  }

  /** Ends the worker. Every open call ends with an error. */
  dispose(): void {
    this.#close('one that was disposed of. Create another.');
    this.#worker.terminate();
  }

  #hear(message: WorkerMessage): void {
    if (message.type === 'result') this.#settle(message.call)?.resolve(message.value);
    else if (message.type === 'error') this.#settle(message.call)?.reject(fromWire(message.error));
    else this.#pending.get(message.call)?.onEvent?.(message);
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

function notSent(where: string, content: object, cause: unknown): TypeError {
  return new TypeError(
    `${where}: expected plain data, as goes to a worker, got ${describeStuck(content, '')}. Leave it out, or use a plain value.`,
    { cause },
  );
}

/** What of a value cannot be sent, and where it is: `a function at spec.layers.0`. */
function describeStuck(value: unknown, path: string): string {
  const parts = isMap(value) ? value : Object.entries(Object(value));
  for (const [name, part] of parts) {
    const own = typeof name === 'string' ? name : describe(name);
    const at = path === '' ? own : `${path}.${own}`;
    if (!canBeSent(name)) return `${describe(name)} as a key of ${path}`;
    if (!canBeSent(part)) return describeStuck(part, at);
  }
  return `${describe(value)} at ${path}`;
}

function canBeSent(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
