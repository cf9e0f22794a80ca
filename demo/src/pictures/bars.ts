/** The answer: a bar for each class. @module */
import { make, setText } from '../dom.ts';
import { percent } from '../numbers.ts';

export class Bars {
  readonly element: HTMLElement;
  readonly #rows: { item: HTMLElement; fill: HTMLElement; value: HTMLElement }[];

  constructor(classes: number) {
    this.#rows = Array.from({ length: classes }, (_, digit) => {
      const fill = make('span', { class: 'fill' });
      const value = make('span', { class: 'value' });
      const item = make(
        'li',
        {},
        make('span', { class: 'digit' }, String(digit)),
        make('span', { class: 'track' }, fill),
        value,
      );
      return { item, fill, value };
    });
    this.element = make('ol', { class: 'bars', 'aria-label': 'Probabilities, 0 to 9' });
    this.element.append(...this.#rows.map(({ item }) => item));
  }

  show(probabilities: ArrayLike<number>): void {
    const best = indexOfLargest(probabilities);
    for (const [digit, { item, fill, value }] of this.#rows.entries()) {
      const probability = probabilities[digit] ?? 0;
      fill.style.transform = `scaleX(${probability.toFixed(4)})`;
      setText(value, percent(probability));
      item.classList.toggle('best', digit === best);
    }
  }
}

export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}
