/** A value that others listen to. @module */

export class Store<T> {
  #value: T;
  readonly #listeners = new Set<(value: T, before: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    const before = this.#value;
    if (Object.is(value, before)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener(value, before);
  }

  /** Calls `listener` now, and whenever the value changes. */
  watch(listener: (value: T, before: T) => void): void {
    this.#listeners.add(listener);
    listener(this.#value, this.#value);
  }
}
