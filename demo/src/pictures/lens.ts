/** The switch beside the filters: what their pictures show. One tab stop; arrow keys go from one to the next, as radio buttons do. @module */
import { make } from '../dom.ts';
import { Store } from '../store.ts';
import { OVERLAYS, type OverlayKind } from './overlay.ts';

/** What each is called, and the rest of its name for those who do not see the filters. */
const NAMES: Readonly<Record<OverlayKind, readonly [name: string, rest: string]>> = {
  weights: ['weights', ''],
  change: ['change', ' since the start'],
  gradient: ['gradient', ' of the last step'],
};

export class Lens {
  readonly kind: Store<OverlayKind> = new Store<OverlayKind>('weights');
  readonly element: HTMLElement;

  constructor() {
    const options = OVERLAYS.map((kind) => {
      const [name, rest] = NAMES[kind];
      const radio = make('input', { type: 'radio', name: 'lens', value: kind });
      radio.addEventListener('change', () => this.kind.set(kind));
      this.kind.watch((chosen) => {
        radio.checked = chosen === kind;
      });
      const text = make('span', {}, name, make('span', { class: 'unseen' }, rest));
      return make('label', {}, radio, text);
    });
    const legend = make('legend', { class: 'unseen' }, 'Filters show');
    this.element = make('fieldset', { class: 'pace lens' }, legend, ...options);
  }
}
