/** On a phone the classes lie below the picture at hand: a button for each of them is right under it. @module */
import { byId, make, setText } from '../dom.ts';
import type { Collection } from './collection.ts';

export class AddButtons {
  readonly #host = byId('add-to', HTMLElement);
  readonly #buttons = new Map<number, HTMLButtonElement>();
  readonly #onAdd: (classId: number) => void;

  /** @param onAdd Is given the class that the picture at hand is to be added to. */
  constructor(onAdd: (classId: number) => void) {
    this.#onAdd = onAdd;
  }

  show(collection: Collection): void {
    const rows = collection.map(({ id, name, pictures }) => {
      const button = this.#buttons.get(id) ?? this.#create(id);
      setText(button, `${name} · ${pictures.length}`);
      return button.parentElement ?? make('li', {}, button);
    });
    const isSame = rows.every((row, place) => row === this.#host.children[place]);
    if (isSame && rows.length === this.#host.children.length) return; // a button keeps its focus
    this.#host.replaceChildren(...rows);
  }

  #create(id: number): HTMLButtonElement {
    const button = make('button', { type: 'button' });
    button.addEventListener('click', () => this.#onAdd(id));
    this.#buttons.set(id, button);
    return button;
  }
}
