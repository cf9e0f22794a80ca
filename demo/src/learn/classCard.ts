/** A class: its name, its pictures, and how far the picture at hand is one of them. @module */
import { make, setText } from '../dom.ts';
import { wordsOf } from '../errors.ts';
import { count, percent } from '../numbers.ts';
import { LONGEST_NAME, type Picture, type PictureClass } from './collection.ts';
import { Thumbnails } from './thumbnails.ts';

/** What the visitor asks for. What is thrown is told in the card. */
export interface CardActions {
  rename(name: string): void;
  remove(): void;
  /** Adds the picture at hand. */
  add(): void;
  addFiles(files: readonly File[]): Promise<void>;
  removePicture(picture: Picture): void;
  undo(): void;
  /** Whether pictures come by themselves while the button is held: the camera's do. */
  mayHold(): boolean;
}

/** Milliseconds that a press lasts before it counts as held, and from one picture to the next then. */
const HOLD = { after: 350, every: 130 } as const;

export class ClassCard {
  readonly element: HTMLElement;
  readonly #actions: CardActions;
  readonly #key = make('kbd', { class: 'class-key', 'aria-hidden': 'true' });
  readonly #name = make('input', {
    type: 'text',
    class: 'class-name',
    maxlength: LONGEST_NAME,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #count = make('span', { class: 'class-count' });
  readonly #remove = make('button', { type: 'button', class: 'quiet class-remove' }, '×');
  readonly #add = make('button', { type: 'button', class: 'class-add' }, 'Add picture');
  readonly #files = make('button', { type: 'button' }, 'Files …');
  readonly #share = make('span', { class: 'class-share' });
  readonly #measure = make('span', { class: 'measure' }, make('span'));
  readonly #error = make('p', { class: 'error', role: 'alert' });
  readonly #note = make('p', { class: 'note class-note' });
  readonly #thumbs: Thumbnails;
  #class: PictureClass;

  constructor(first: PictureClass, actions: CardActions) {
    this.#class = first;
    this.#actions = actions;
    this.#thumbs = new Thumbnails((picture) => {
      this.#try(() => actions.removePicture(picture));
      this.#offerUndo('A picture is removed.');
    });
    const input = make('input', { type: 'file', accept: 'image/*', multiple: true, hidden: true });
    this.#files.addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      void this.takeFiles([...(input.files ?? [])]);
      input.value = '';
    });
    this.#name.addEventListener('change', () => this.#rename());
    this.#name.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#name.blur();
    });
    this.#remove.addEventListener('click', () => this.#try(() => actions.remove()));
    this.#listenToAdd();
    this.element = make(
      'li',
      { class: 'class' },
      make('div', { class: 'class-head' }, this.#key, this.#name, this.#count, this.#remove),
      make('p', { class: 'class-answer' }, this.#measure, this.#share),
      make('div', { class: 'buttons' }, this.#add, this.#files, input),
      this.#error,
      this.#thumbs.element,
      this.#note,
    );
  }

  show(
    value: PictureClass,
    place: number,
    isRemovable: boolean,
    misread: ReadonlySet<number> | undefined,
  ): void {
    this.#class = value;
    const { name, pictures } = value;
    setText(this.#key, String((place + 1) % 10));
    if (document.activeElement !== this.#name) this.#name.value = name;
    this.#name.setAttribute('aria-label', `Name of class ${place + 1}`);
    setText(this.#count, count(pictures.length, 'picture'));
    this.#remove.hidden = !isRemovable;
    this.#remove.setAttribute('aria-label', `Remove the class ${name}`);
    this.#add.setAttribute('aria-label', `Add picture to ${name}`);
    this.#files.setAttribute('aria-label', `Files … for ${name}`);
    this.#thumbs.show(name, pictures, misread);
  }

  /** @param share Undefined while there is no answer. */
  answer(share: number | undefined, isLargest: boolean): void {
    setText(this.#share, share === undefined ? '' : percent(share, 0));
    this.#measure.style.setProperty('--share', String(share ?? 0));
    this.element.classList.toggle('largest', isLargest);
  }

  /** Adds the picture at hand, and says so here if that cannot be. */
  add(): void {
    this.#try(() => this.#actions.add());
  }

  async takeFiles(files: readonly File[]): Promise<void> {
    setText(this.#error, '');
    try {
      await this.#actions.addFiles(files);
    } catch (error) {
      setText(this.#error, wordsOf(error));
    }
  }

  /** Something else has changed: there is nothing here that could be undone alone. */
  withdrawUndo(): void {
    setText(this.#note, '');
  }

  #offerUndo(text: string): void {
    const undo = make('button', { type: 'button', class: 'link' }, 'Undo');
    undo.addEventListener('click', () => {
      this.#actions.undo();
      setText(this.#note, '');
      this.#add.focus();
    });
    this.#note.replaceChildren(`${text} `, undo);
    if (this.#class.pictures.length === 0) undo.focus(); // there is no picture left that could have the focus
  }

  focusName(): void {
    this.#name.focus();
    this.#name.select();
  }

  #rename(): void {
    if (this.#name.value.trim() === this.#class.name) this.#name.value = this.#class.name;
    else this.#try(() => this.#actions.rename(this.#name.value));
    this.#name.value = this.#class.name;
  }

  /** A click adds one; held, the camera's pictures are added one after another. */
  #listenToAdd(): void {
    let timer = 0;
    let wasHeld = false;
    const release = () => clearInterval(timer);
    this.#add.addEventListener('pointerdown', () => {
      release(); // of another finger
      wasHeld = false;
      if (!this.#actions.mayHold()) return;
      timer = window.setTimeout(() => {
        wasHeld = true;
        timer = window.setInterval(() => this.add(), HOLD.every);
      }, HOLD.after);
    });
    for (const end of ['pointerup', 'pointerleave', 'pointercancel']) {
      this.#add.addEventListener(end, release);
    }
    this.#add.addEventListener('click', ({ detail }) => {
      const isByKey = detail === 0;
      if (!wasHeld || isByKey) this.add();
      wasHeld = false;
    });
  }

  #try(act: () => void): void {
    setText(this.#error, '');
    try {
      act();
    } catch (error) {
      setText(this.#error, wordsOf(error));
    }
  }
}
