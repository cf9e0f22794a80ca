/**
 * Paints what is in view, and what is not when it comes into view, each in a task of its own: a network has more pictures than
 * fit a screen, and its first frame, in which every canvas gets its context, took up to 300 ms.
 * @module
 */

/** So far outside of the window counts as in view, so that nobody sees an old picture while scrolling. */
const MARGIN = '200px';

export class InView {
  #isInView = false;
  #waiting: (() => void) | undefined;

  constructor(element: Element) {
    const observer = new IntersectionObserver(
      (entries) => {
        this.#isInView = entries.at(-1)?.isIntersecting === true;
        setTimeout(() => this.#run());
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element);
  }

  /** Calls `paint` now, or once the element is in view; then the last one alone. */
  show(paint: () => void): void {
    this.#waiting = paint;
    this.#run();
  }

  #run(): void {
    if (!this.#isInView) return;
    const paint = this.#waiting;
    this.#waiting = undefined;
    paint?.();
  }
}
