/** The classes side by side. Files that are dropped or pasted go to the class that they are dropped on, or that has the focus. @module */
import { byId, make, onClick, setText } from '../dom.ts';
import type { Store } from '../store.ts';
import { ClassCard } from './classCard.ts';
import {
  addClass,
  addPicture,
  type Collection,
  FEWEST_CLASSES,
  MOST_CLASSES,
  removeClass,
  removePicture,
  renameClass,
} from './collection.ts';
import type { Answer, Judgement } from './learner.ts';
import { type Pixels, pixelsOfFile } from './pixels.ts';

/** Where the picture at hand comes from. */
export interface Hand {
  readonly pixels: Pixels | undefined;
  /** Why there is none. */
  readonly absence: string;
  /** Whether it changes by itself. */
  readonly isLive: boolean;
  /** It was added. */
  taken(): void;
}

export class ClassList {
  readonly #list = byId('classes', HTMLElement);
  readonly #add = onClick('add-class', () => this.#addClass());
  readonly #note = byId('classes-note', HTMLElement);
  readonly #cards = new Map<number, ClassCard>();
  readonly #collection: Store<Collection>;
  readonly #hand: () => Hand;
  #before: Collection = [];
  #judgement: Judgement | undefined;

  constructor(collection: Store<Collection>, hand: () => Hand) {
    this.#collection = collection;
    this.#hand = hand;
    collection.watch(() => this.#show());
    this.#listenToKeys();
    this.#listenToDrops();
  }

  #addClass(): void {
    this.#change(addClass(this.#collection.value));
    const last = this.#collection.value.at(-1);
    if (last !== undefined) this.#cards.get(last.id)?.focusName();
  }

  /** The held-back pictures that are read wrongly are marked. */
  judge(judgement: Judgement | undefined): void {
    this.#judgement = judgement;
    this.#show();
  }

  answer(answer: Answer | undefined): void {
    const shares = answer?.shares ?? new Map<number, number>();
    const largest = Math.max(...shares.values());
    for (const [id, card] of this.#cards) {
      const share = shares.get(id);
      card.answer(share, share !== undefined && share === largest);
    }
  }

  /** The class that has the focus, if one has. */
  get focused(): ClassCard | undefined {
    return [...this.#cards.values()].find(({ element }) =>
      element.contains(document.activeElement),
    );
  }

  #show(): void {
    const classes = this.#collection.value;
    const ids = new Set(classes.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    for (const [place, one] of classes.entries()) {
      const card = this.#cards.get(one.id) ?? this.#create(one.id);
      if (this.#list.children[place] !== card.element) {
        this.#list.insertBefore(card.element, this.#list.children[place] ?? null);
      }
      const isRemovable = classes.length > FEWEST_CLASSES;
      card.show(one, place, isRemovable, this.#judgement?.misread);
    }
    this.#add.disabled = classes.length >= MOST_CLASSES;
  }

  #create(id: number): ClassCard {
    const find = () => {
      const found = this.#collection.value.find((one) => one.id === id);
      if (found === undefined) throw new Error('internal: expected a class of this list.');
      return found;
    };
    const card = new ClassCard(find(), {
      rename: (name) => this.#change(renameClass(this.#collection.value, id, name)),
      remove: () => {
        const { name } = find();
        this.#change(removeClass(this.#collection.value, id));
        this.#offerUndo(`${name} and its pictures are removed.`, id);
      },
      add: () => this.addHand(id),
      addFiles: (files) => this.#addFiles(id, files),
      removePicture: (picture) => this.#change(removePicture(this.#collection.value, picture.id)),
      undo: () => this.#collection.set(this.#before),
      mayHold: () => this.#hand().isLive,
    });
    this.#cards.set(id, card);
    return card;
  }

  /** What could be undone before cannot be any more: it would take this change along. */
  #change(next: Collection): void {
    this.#before = this.#collection.value;
    setText(this.#note, '');
    for (const card of this.#cards.values()) card.withdrawUndo();
    this.#collection.set(next);
  }

  /** Adds the picture at hand to a class. @throws {Error} if there is none, or the class is full. */
  addHand(id: number): void {
    const hand = this.#hand();
    if (hand.pixels === undefined) throw new Error(hand.absence);
    this.#change(addPicture(this.#collection.value, id, hand.pixels));
    hand.taken();
  }

  /** All that can be read are added; the first that cannot is told. */
  async #addFiles(id: number, files: readonly File[]): Promise<void> {
    const refusals: unknown[] = [];
    for (const file of files) {
      try {
        const pixels = await pixelsOfFile(file, file.name);
        this.#change(addPicture(this.#collection.value, id, pixels));
      } catch (error) {
        refusals.push(error);
        if (error instanceof RangeError) break; // the class is full
      }
    }
    if (refusals.length > 0) throw refusals[0];
  }

  #offerUndo(text: string, id: number): void {
    const undo = make('button', { type: 'button', class: 'link' }, 'Undo');
    undo.addEventListener('click', () => {
      this.#collection.set(this.#before);
      setText(this.#note, '');
      this.#cards.get(id)?.focusName();
    });
    this.#note.replaceChildren(`${text} `, undo);
    undo.focus();
  }

  /** 1 to 9, and 0 for the tenth: adds the picture at hand to that class. */
  #listenToKeys(): void {
    addEventListener('keydown', (event) => {
      const { target, key } = event;
      const isTyping =
        target instanceof Element && target.matches('input:not([type=radio]), select, textarea');
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !/^\d$/.test(key)) return;
      if (event.repeat && !this.#hand().isLive) return;
      const one = this.#collection.value[(Number(key) + 9) % 10];
      if (one !== undefined) this.#cards.get(one.id)?.add();
    });
  }

  #listenToDrops(): void {
    const cardOf = ({ target }: Event) =>
      [...this.#cards.values()].find(
        ({ element }) => target instanceof Node && element.contains(target),
      );
    const mark = (event: Event | undefined) => {
      const under = event && cardOf(event);
      for (const card of this.#cards.values()) {
        card.element.classList.toggle('under', card === under);
      }
    };
    addEventListener('dragover', (event) => {
      event.preventDefault();
      mark(event);
    });
    addEventListener('dragleave', () => mark(undefined));
    addEventListener('drop', (event) => {
      mark(undefined);
      const files = [...(event.dataTransfer?.files ?? [])];
      const card = cardOf(event);
      if (card === undefined || files.length === 0) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // else the page takes it for the picture at hand
      void card.takeFiles(files);
    });
  }
}
