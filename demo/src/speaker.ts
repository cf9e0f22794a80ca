/** What a screen reader is told of numbers that keep changing: one thing at a time, with a pause, and in the end the last. @module */
import { byId, setText } from './dom.ts';

export class Speaker {
  readonly #live = byId('live', HTMLElement);
  readonly #pause: number;
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param pause Milliseconds between two of them. */
  constructor(pause: number) {
    this.#pause = pause;
  }

  /** Says this at once, or after the pause, unless there is something newer by then. */
  speak(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#say(text), Math.max(0, this.#next - performance.now()));
  }

  /** What waits to be said is no longer so. */
  hush(): void {
    clearTimeout(this.#timer);
  }

  #say(text: string): void {
    this.#next = performance.now() + this.#pause;
    setText(this.#live, text);
  }
}
