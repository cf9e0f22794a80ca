/** The columns of a network on the page: made when the network changes, painted when the weights or the picture do. @module */
import { byId, make, setText } from '../dom.ts';
import { columnsOf } from './columns.ts';
import type { Frame } from './forward.ts';
import type { Lens } from './lens.ts';
import type { Palette } from './palette.ts';
import type { Origin, Place } from './place.ts';
import { makerOf } from './stages.ts';
import type { View } from './view.ts';
import { viewOf } from './views.ts';

export class Flow {
  readonly #host = byId('columns', HTMLElement);
  readonly #onPlace: (place: Place) => void;
  readonly #lens: Lens;
  #columns: readonly { readonly view: View; readonly note: HTMLElement }[] = [];

  /**
   * @param lens Is put beside the first filters.
   * @param onSwitch Is called when a column is to show something else.
   */
  constructor(lens: Lens, onPlace: (place: Place) => void, onSwitch: () => void) {
    this.#lens = lens;
    this.#onPlace = onPlace;
    this.#host.addEventListener('change', onSwitch);
  }

  /**
   * Makes the columns of a network, in the sizes of the frame.
   * @returns the place to look at before anybody points anywhere: the first filter, if there is a convolution.
   */
  build(frame: Frame): Place | undefined {
    const columns = columnsOf(frame);
    this.#columns = columns.map((column) => ({
      view: viewOf(column, frame, this.#onPlace),
      note: make('p', { class: 'note' }, column.note),
    }));
    this.#host.replaceChildren(
      ...columns.map(({ kind, stage, title }, index) => {
        const { view, note } = this.#columns[index] ?? {};
        return make(
          'div',
          { class: `column column-${kind}`, 'data-layer': makerOf(frame, stage).type },
          make('h3', {}, title, make('span', {}, view?.size ?? '')),
          note ?? '',
          make('div', { class: 'column-body' }, view?.element ?? ''),
        );
      }),
    );
    this.#host.querySelector('.column-filters .column-body')?.append(this.#lens.element);
    const stage = columns.find((column) => makerOf(frame, column.stage).type === 'conv2d')?.stage;
    return stage && { kind: 'filters', stage, noun: 'Filter', channel: 0, row: 0, column: 0 };
  }

  paint(frame: Frame, palette: Palette): void {
    for (const { view, note } of this.#columns) {
      view.paint(frame, palette);
      if (view.note !== undefined) setText(note, view.note(frame));
    }
  }

  /** Marks what belongs to a place: the filter, its map and the pixel of it, what is pooled from it. */
  select(place: Place, origin: Origin): void {
    for (const { view } of this.#columns) view.select(place, origin);
  }
}
