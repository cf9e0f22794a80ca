/** The answer: a bar for each class, which is a button. Pointing at one asks for the evidence behind it. @module */
import { make, setText } from '../dom.ts';
import { percent } from '../numbers.ts';
import { indexOfLargest } from '../reading.ts';
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

  /**
   * @param names Of the classes.
   * @param onPoint Is given the class that is pointed at.
   */
  constructor(names: readonly string[], onPoint: (label: number) => void) {
    this.#rows = names.map((name, label) => rowOf(name, () => onPoint(label)));
    const label = `Probabilities, ${names[0]} to ${names.at(-1)}. Arrow keys show the evidence for each.`;
    const areLong = names.some((name) => name.length > 2);
    const kind = areLong ? 'bars named' : 'bars';
    this.element = make('ol', { class: kind, 'aria-label': label });
    this.element.append(...this.#rows.map(({ item }) => item));
    const roving = new Roving((button) => {
      onPoint(this.#rows.findIndex((row) => row.button === button));
    });
    for (const { button } of this.#rows) roving.add(button);
  }

  /** @param truth The right class, if it is known: another reading is marked as wrong. */
  show(probabilities: ArrayLike<number>, truth: number | undefined): void {
    const best = indexOfLargest(probabilities);
    for (const [label, { item, fill, value }] of this.#rows.entries()) {
      const probability = probabilities[label] ?? 0;
      fill.style.transform = `scaleX(${probability.toFixed(4)})`;
      setText(value, percent(probability));
      item.classList.toggle('best', label === best);
      item.classList.toggle('wrong', label === best && truth !== undefined && truth !== best);
      item.classList.toggle('missed', label === truth && truth !== best);
    }
  }

  /** Marks the class whose evidence is shown, none if undefined. */
  select(label: number | undefined): void {
    for (const [index, { button }] of this.#rows.entries()) {
      button.setAttribute('aria-pressed', String(index === label));
    }
  }
}

function rowOf(name: string, onPoint: () => void): Row {
  const fill = make('span', { class: 'fill' });
  const value = make('span', { class: 'value' });
  const button = make(
    'button',
    { type: 'button', 'aria-pressed': 'false' },
    make('span', { class: 'digit', title: name }, name),
    make('span', { class: 'track' }, fill),
    value,
  );
  button.addEventListener('pointerenter', onPoint);
  button.addEventListener('click', onPoint);
  return { item: make('li', {}, button), button, fill, value };
}
