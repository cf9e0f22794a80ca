/** The columns of a network on the page: made when the network changes, painted when the weights or the picture do. @module */
import { byId, make } from '../dom.ts';
import { columnsOf } from './columns.ts';
import type { Frame } from './forward.ts';
import type { Palette } from './palette.ts';
import type { Origin, Place } from './place.ts';
import { makerOf } from './stages.ts';
import { type View, viewOf } from './views.ts';

export class Flow {
  readonly #host = byId('columns', HTMLElement);
  readonly #onPlace: (place: Place) => void;
  #views: readonly View[] = [];

  /** @param onSwitch Is called when a column is to show something else. */
  constructor(onPlace: (place: Place) => void, onSwitch: () => void) {
    this.#onPlace = onPlace;
    this.#host.addEventListener('change', onSwitch);
  }

  /**
   * Makes the columns of a network, in the sizes of the frame.
   * @returns the place to look at before anybody points anywhere: the first filter, if there is a convolution.
   */
  build(frame: Frame): Place | undefined {
    const columns = columnsOf(frame);
    this.#views = columns.map((column) => viewOf(column, frame, this.#onPlace));
    this.#host.replaceChildren(
      ...columns.map(({ kind, stage, title, note }, index) => {
        const view = this.#views[index];
        return make(
          'div',
          { class: `column column-${kind}`, 'data-layer': makerOf(frame, stage).type },
          make('h3', {}, title, make('span', {}, view?.size ?? '')),
          make('p', { class: 'note' }, note),
          make('div', { class: 'column-body' }, view?.element ?? ''),
        );
      }),
    );
    const stage = columns.find((column) => makerOf(frame, column.stage).type === 'conv2d')?.stage;
    return stage && { kind: 'filters', stage, noun: 'Filter', channel: 0, row: 0, column: 0 };
  }

  paint(frame: Frame, palette: Palette): void {
    for (const view of this.#views) view.paint(frame, palette);
  }

  /** Marks what belongs to a place: the filter, its map and the pixel of it, what is pooled from it. */
  select(place: Place, origin: Origin): void {
    for (const view of this.#views) view.select(place, origin);
  }
}
