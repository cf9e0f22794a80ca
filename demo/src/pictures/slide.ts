/** A window that slides when asked: over every pixel of a map, row by row, until it is through or somebody points elsewhere. @module */
import { byId, setText } from '../dom.ts';
import { type Frame, valueAt } from './forward.ts';
import type { Place } from './place.ts';
import { makerOf } from './stages.ts';

/** Milliseconds from one pixel to the next. */
const INTERVAL = 45;

export class Slide {
  readonly #button = byId('slide', HTMLButtonElement);
  readonly #onPlace: (place: Place) => void;
  #place: Place | undefined;
  #size: readonly [height: number, width: number] = [0, 0];
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param onPlace Is given one place after another. */
  constructor(onPlace: (place: Place) => void) {
    this.#onPlace = onPlace;
    this.#button.addEventListener('click', () => {
      if (this.#timer === undefined) this.#start();
      else this.stop();
    });
  }

  /** Offers to slide over the map of a place, if a window makes it. */
  offer(frame: Frame, place: Place): void {
    const type = makerOf(frame, place.stage).type;
    const hasWindow = place.kind !== 'units' && (type === 'conv2d' || type === 'maxPool2d');
    this.#button.hidden = !hasWindow;
    const [, , height = 1, width = 1] = valueAt(frame.values, place.stage.value).shape;
    this.#size = [height, width];
    this.#place = place;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    setText(this.#button, 'Slide the window');
  }

  #start(): void {
    const place = this.#place;
    if (place === undefined) return;
    const [height, width] = this.#size;
    const noun = place.kind === 'filters' ? 'Map' : place.noun;
    let at = 0;
    const next = () => {
      if (at === height * width) {
        this.stop();
        return;
      }
      const [row, column] = [Math.floor(at / width), at % width];
      at++;
      this.#onPlace({ ...place, kind: 'maps', noun, row, column });
    };
    this.#timer = setInterval(next, INTERVAL);
    setText(this.#button, 'Stop sliding');
    next();
  }
}
