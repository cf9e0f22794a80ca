/** A worker as the core sees it, whatever the host. @module */
export interface WorkerHandle {
  /** Settles once the worker listens, or has ended before. */
  readonly ready: Promise<void>;
  /** Sends a message; the buffers of `transfer` move to the worker and are empty here. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Calls `listener` with what the worker says. */
  onMessage(listener: (message: unknown) => void): void;
  /** Calls `listener` with the reason when the worker ends, asked or not. */
  onEnd(listener: (reason: string) => void): void;
  /** True while somebody waits for an answer: under Node the process then stays. */
  hold(isHeld: boolean): void;
  terminate(): void;
}

/** How a worker answers. */
export type Post = (message: unknown, transfer?: readonly ArrayBuffer[]) => void;
