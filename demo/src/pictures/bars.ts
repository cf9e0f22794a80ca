/** The answer: a bar for each class, which is a button. Pointing at one asks for the evidence behind it. @module */
import { make, setText } from '../dom.ts';
import { percent } from '../numbers.ts';
import { Roving } from '../roving.ts';

interface Row {
  readonly item: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly fill: HTMLElement;
  readonly value: HTMLElement;
}

export class Bars {
  readonly element: HTMLElement;
  readonly #rows: readonly Row[];

  /** @param onPoint Is given the class that is pointed at. */
  constructor(classes: number, onPoint: (digit: number) => void) {
    this.#rows = Array.from({ length: classes }, (_, digit) => rowOf(digit, onPoint));
    const label = `Probabilities, 0 to ${classes - 1}. Arrow keys show the evidence for each.`;
    this.element = make('ol', { class: 'bars', 'aria-label': label });
    this.element.append(...this.#rows.map(({ item }) => item));
    const roving = new Roving((button) => {
      onPoint(this.#rows.findIndex((row) => row.button === button));
    });
    for (const { button } of this.#rows) roving.add(button);
  }

  /** @param truth The right class, if it is known: another reading is marked as wrong. */
  show(probabilities: ArrayLike<number>, truth: number | undefined): void {
    const best = indexOfLargest(probabilities);
    for (const [digit, { item, fill, value }] of this.#rows.entries()) {
      const probability = probabilities[digit] ?? 0;
      fill.style.transform = `scaleX(${probability.toFixed(4)})`;
      setText(value, percent(probability));
      item.classList.toggle('best', digit === best);
      item.classList.toggle('wrong', digit === best && truth !== undefined && truth !== best);
      item.classList.toggle('missed', digit === truth && truth !== best);
    }
  }

  /** Marks the class whose evidence is shown, none if undefined. */
  select(digit: number | undefined): void {
    for (const [index, { button }] of this.#rows.entries()) {
      button.setAttribute('aria-pressed', String(index === digit));
    }
  }
}

function rowOf(digit: number, onPoint: (digit: number) => void): Row {
  const fill = make('span', { class: 'fill' });
  const value = make('span', { class: 'value' });
  const button = make(
    'button',
    { type: 'button', 'aria-pressed': 'false' },
    make('span', { class: 'digit' }, String(digit)),
    make('span', { class: 'track' }, fill),
    value,
  );
  button.addEventListener('pointerenter', () => onPoint(digit));
  button.addEventListener('click', () => onPoint(digit));
  return { item: make('li', {}, button), button, fill, value };
}

export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}
