/**
 * The listeners of a fit, which stay on the page: each hears its events in order, until one of them throws. Training then
 * ends after its step.
 * @module
 */
import type { FitOptions } from '../model/fitOptions.ts';
import type { FitEvent } from './protocol.ts';

export class FitListeners {
  readonly #options: FitOptions;
  readonly #tell: (type: 'abort' | 'heard') => void;
  #failure: { readonly error: unknown } | undefined;

  /** @param tell How to end the fit, and how to say that it may go on. */
  constructor(options: FitOptions, tell: (type: 'abort' | 'heard') => void) {
    this.#options = options;
    this.#tell = tell;
  }

  async hear(event: FitEvent): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#pass(event);
    } catch (error) {
      this.#failure ??= { error };
      this.#tell('abort');
    }
    if (event.type !== 'steps') this.#tell('heard');
  }

  /** Throws what a listener has thrown. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #pass(message: FitEvent): void | Promise<void> {
    const { onStepEnd, onEpochEnd, onCheckpoint } = this.#options;
    if (message.type === 'epoch') return onEpochEnd?.(message.event);
    if (message.type === 'checkpoint') return onCheckpoint?.(message.checkpoint);
    for (const event of message.events) onStepEnd?.(event);
  }
}
