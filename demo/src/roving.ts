/**
 * One tab stop for a group of buttons, and arrow keys from one to the next: the "roving tabindex" of the ARIA Authoring
 * Practices. Rows and columns are those on the screen, so that wrapping does not matter.
 * @module
 */

const ARROWS: Readonly<Record<string, 'up' | 'down' | 'left' | 'right'>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

export class Roving {
  readonly #items: HTMLElement[] = [];
  readonly #onMove: (item: HTMLElement) => void;
  #current: HTMLElement | undefined;

  /** @param onMove Is given the item that a key went to, which has the focus then. */
  constructor(onMove: (item: HTMLElement) => void = () => {}) {
    this.#onMove = onMove;
  }

  /** Adds an item behind the others. A key that the item's own listeners have used is not used again. */
  add(item: HTMLElement): void {
    this.#items.push(item);
    item.tabIndex = -1;
    item.addEventListener('focus', () => this.stopAt(item));
    item.addEventListener('keydown', (event) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      if (this.move(event.key)) event.preventDefault();
    });
    if (this.#current === undefined) this.stopAt(item);
  }

  /** Makes an item the one that Tab goes to. */
  stopAt(item: HTMLElement): void {
    if (this.#current !== undefined) this.#current.tabIndex = -1;
    this.#current = item;
    item.tabIndex = 0;
  }

  /** Sees to it that Tab goes to an item that can be seen: some may have been hidden. */
  refresh(): void {
    const [first] = this.#visible();
    if (first !== undefined && !this.#visible().includes(this.#current ?? first)) {
      this.stopAt(first);
    }
  }

  /** Goes where a key points. @returns whether the key is one of these, and there is an item. */
  move(key: string): boolean {
    const target = this.#target(key);
    if (target === undefined) return key in ARROWS;
    this.stopAt(target);
    target.focus();
    this.#onMove(target);
    return true;
  }

  #visible(): HTMLElement[] {
    return this.#items.filter((item) => item.offsetParent !== null);
  }

  #target(key: string): HTMLElement | undefined {
    const items = this.#visible();
    const [first] = items;
    const at = this.#current === undefined ? -1 : items.indexOf(this.#current);
    if (first === undefined || at < 0) return undefined;
    if (key === 'Home') return first;
    if (key === 'End') return items.at(-1);
    const top = (item: HTMLElement) => item.getBoundingClientRect().top;
    const columns = items.filter((item) => Math.abs(top(item) - top(first)) < 2).length;
    const column = at % columns;
    switch (ARROWS[key]) {
      case 'left':
        return column > 0 ? items[at - 1] : undefined;
      case 'right':
        return column < columns - 1 ? items[at + 1] : undefined;
      case 'up':
        return items[at - columns];
      case 'down':
        return items[at + columns];
      default:
        return undefined;
    }
  }
}
