/** A worker as the core sees it, whatever the host. @module */
export interface WorkerHandle {
  /** Settles when the worker listens, or when it has ended before that. */
  readonly ready: Promise<void>;
  /** Sends a message. The buffers in `transfer` move to the worker and are empty here afterwards. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Calls `listener` with each message of the worker. */
  onMessage(listener: (message: unknown) => void): void;
  /** Calls `listener` with the reason when the worker ends, on request or not. */
  onEnd(listener: (reason: string) => void): void;
  /** Pass true while a call waits for an answer: under Node the process then stays alive. */
  hold(isHeld: boolean): void;
  terminate(): void;
}

/** Posts a message from a worker. */
export type Post = (message: unknown, transfer?: readonly ArrayBuffer[]) => void;
