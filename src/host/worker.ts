/** A worker thread as the core sees it, whatever the host. @module */
export interface WorkerHandle {
  /** Settles once the worker listens, or has ended before. */
  readonly ready: Promise<void>;
  post(message: unknown): void;
  /** Calls `listener` with the reason when the worker ends, asked or not. */
  onEnd(listener: (reason: string) => void): void;
  terminate(): void;
}
