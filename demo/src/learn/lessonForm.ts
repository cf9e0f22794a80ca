/** How large the pictures are for the network, how they are moved, and what that looks like. @module */
import { byId, make, setText } from '../dom.ts';
import type { Store } from '../store.ts';
import type { Collection } from './collection.ts';
import { augmentOf, type Lesson } from './lesson.ts';
import { createMover, type Mover } from './moved.ts';
import { show, shrink } from './pixels.ts';

/** One picture of each of the first classes, and how often each is shown. */
const SHOWN = { classes: 3, epochs: 6 } as const;
/** As the network is trained. */
const SEED = 1;
/** Milliseconds after the last change. */
const DELAY = 150;

export class LessonForm {
  readonly #side = byId('side', HTMLSelectElement);
  readonly #shift = byId('shift', HTMLInputElement);
  readonly #rotate = byId('rotate', HTMLInputElement);
  readonly #zoom = byId('zoom', HTMLInputElement);
  readonly #mirror = byId('mirror', HTMLInputElement);
  readonly #moved = byId('moved', HTMLElement);
  readonly #lesson: Store<Lesson>;
  readonly #collection: Store<Collection>;
  #mover: Promise<Mover> | undefined;
  #timer = 0;

  constructor(lesson: Store<Lesson>, collection: Store<Collection>) {
    this.#lesson = lesson;
    this.#collection = collection;
    for (const input of [this.#side, this.#shift, this.#rotate, this.#zoom, this.#mirror]) {
      input.addEventListener('input', () => lesson.set(this.#read()));
    }
    lesson.watch((value) => this.#show(value));
    collection.watch(() => this.#schedule());
  }

  #read(): Lesson {
    return {
      side: Number(this.#side.value),
      shift: Number(this.#shift.value) / 100,
      rotate: Number(this.#rotate.value),
      zoom: Number(this.#zoom.value) / 100,
      isMirrored: this.#mirror.checked,
    };
  }

  #show({ side, shift, rotate, zoom, isMirrored }: Lesson): void {
    this.#side.value = String(side);
    this.#shift.value = String(Math.round(shift * 100));
    this.#rotate.value = String(rotate);
    this.#zoom.value = String(Math.round(zoom * 100));
    this.#mirror.checked = isMirrored;
    setText(byId('shift-value', HTMLElement), `${this.#shift.value}\u2009%`);
    setText(byId('rotate-value', HTMLElement), `${this.#rotate.value}°`);
    setText(byId('zoom-value', HTMLElement), `${this.#zoom.value}\u2009%`);
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#showMoved(), DELAY);
  }

  async #showMoved(): Promise<void> {
    const { side } = this.#lesson.value;
    const shown = this.#collection.value
      .filter(({ pictures }) => pictures.length > 0)
      .slice(0, SHOWN.classes);
    byId('moved-figure', HTMLElement).hidden = shown.length === 0;
    if (shown.length === 0) return;
    this.#mover ??= createMover();
    const mover = await this.#mover;
    const small = shown.map(({ pictures: [first] }) =>
      shrink(first?.pixels ?? new Uint8Array(), side),
    );
    const augment = augmentOf(this.#lesson.value, this.#collection.value);
    const moved = mover.move(small, side, augment, SHOWN.epochs, SEED);
    this.#moved.replaceChildren(
      ...moved.flatMap((epochs) =>
        epochs.map((pixels) => {
          const canvas = make('canvas');
          show(canvas, pixels, side);
          return canvas;
        }),
      ),
    );
    const names = shown.map(({ name }) => name).join(', ');
    this.#moved.setAttribute(
      'aria-label',
      `A picture each of ${names}, as ${SHOWN.epochs} passes see it: moved, turned and scaled`,
    );
  }
}
