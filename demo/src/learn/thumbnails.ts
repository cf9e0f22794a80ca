/** The pictures of a class, small, in one tab stop: arrow keys move, Delete or a press removes. @module */
import { make } from '../dom.ts';
import { isHeldBack, type Picture } from './collection.ts';
import { show } from './pixels.ts';

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
};

export class Thumbnails {
  readonly element: HTMLElement = make('div', { class: 'thumbs', role: 'group' });
  readonly #buttons = new Map<number, HTMLButtonElement>();
  readonly #onRemove: (picture: Picture) => void;
  #pictures: readonly Picture[] = [];
  #at = 0;

  constructor(onRemove: (picture: Picture) => void) {
    this.#onRemove = onRemove;
    this.element.addEventListener('keydown', (event) => this.#move(event));
  }

  show(name: string, pictures: readonly Picture[], misread: ReadonlySet<number> | undefined): void {
    const had = this.#pictures.length;
    if (pictures !== this.#pictures) this.#place(pictures);
    this.element.setAttribute('aria-label', `Pictures of ${name}`);
    this.element.hidden = pictures.length === 0;
    for (const [index, { id }] of pictures.entries()) {
      const button = this.#buttons.get(id);
      const isHeld = isHeldBack(index);
      const isWrong = misread?.has(id) ?? false;
      const state = `${isHeld ? ', held back' : ''}${isWrong ? ', read wrongly' : ''}`;
      button?.setAttribute('aria-label', `${name}, picture ${index + 1}${state}. Remove it`);
      button?.setAttribute(
        'title',
        `${isHeld ? 'Held back' : 'Learnt from'}${isWrong ? ', read wrongly' : ''}. Press to remove.`,
      );
      button?.classList.toggle('held', isHeld);
      button?.classList.toggle('wrong', isWrong);
    }
    if (pictures.length > had) this.element.scrollTop = this.element.scrollHeight;
  }

  #place(pictures: readonly Picture[]): void {
    const hadFocus = this.element.contains(document.activeElement);
    const ids = new Set(pictures.map(({ id }) => id));
    for (const [id, button] of this.#buttons) {
      if (ids.has(id)) continue;
      button.remove();
      this.#buttons.delete(id);
    }
    for (const [index, picture] of pictures.entries()) {
      const button = this.#buttons.get(picture.id) ?? this.#create(picture);
      if (this.element.children[index] !== button) {
        this.element.insertBefore(button, this.element.children[index] ?? null);
      }
    }
    this.#pictures = pictures;
    this.#focus(Math.min(this.#at, pictures.length - 1), hadFocus);
  }

  #create(picture: Picture): HTMLButtonElement {
    const canvas = make('canvas');
    show(canvas, picture.pixels);
    const button = make('button', { type: 'button', tabindex: -1 }, canvas);
    button.addEventListener('click', () => this.#onRemove(picture));
    this.#buttons.set(picture.id, button);
    return button;
  }

  #move(event: KeyboardEvent): void {
    const at = this.#pictures.findIndex(({ id }) => this.#buttons.get(id) === event.target);
    const picture = this.#pictures[at];
    if (picture === undefined) return;
    if (event.key === 'Delete' || event.key === 'Backspace') this.#onRemove(picture);
    else if (event.key === 'Home') this.#focus(0, true);
    else if (event.key === 'End') this.#focus(this.#pictures.length - 1, true);
    else if (event.key in STEPS) this.#focus(at + (STEPS[event.key] ?? 0), true);
    else return;
    event.preventDefault();
  }

  /** The one button that Tab comes to. */
  #focus(at: number, isWanted: boolean): void {
    if (at < 0 || at >= this.#pictures.length) return;
    this.#at = at;
    for (const [index, { id }] of this.#pictures.entries()) {
      const button = this.#buttons.get(id);
      if (button === undefined) continue;
      button.tabIndex = index === at ? 0 : -1;
      if (index === at && isWanted) button.focus();
    }
  }
}
