/**
 * The listeners of a fit, which stay on the page. Each is called with its events in order, until one of them throws.
 * Training then ends after its step.
 * @module
 */
import type { FitListeners } from '../model/fitListeners.ts';
import type { FitEvent } from './protocol.ts';

export class FitEvents {
  readonly #listeners: FitListeners;
  readonly #tell: (type: 'abort' | 'heard') => void;
  #heard: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  /** @param tell Posts `abort`, which ends the fit, or `heard`, which lets the fit go on. */
  constructor(listeners: FitListeners, tell: (type: 'abort' | 'heard') => void) {
    this.#listeners = listeners;
    this.#tell = tell;
  }

  /** Passes an event to its listener, after all earlier events. */
  hear(event: FitEvent): Promise<void> {
    this.#heard = this.#heard.then(() => this.#hear(event));
    return this.#heard;
  }

  async #hear(event: FitEvent): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#pass(event);
    } catch (error) {
      this.#failure ??= { error };
      this.#tell('abort');
    }
    if (event.type === 'epoch' || event.type === 'checkpoint') this.#tell('heard');
  }

  /** Waits for all listeners. @throws the error that a listener has thrown. */
  async check(): Promise<void> {
    await this.#heard;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #pass(message: FitEvent): Promise<void> {
    const { onWarning, onStepEnd, onEpochEnd, onCheckpoint } = this.#listeners;
    if (message.type === 'warning') return onWarning?.(message.text);
    if (message.type === 'epoch') return onEpochEnd?.(message.event);
    if (message.type === 'checkpoint') return onCheckpoint?.(message.checkpoint);
    for (const event of message.events) await onStepEnd?.(event);
  }
}
