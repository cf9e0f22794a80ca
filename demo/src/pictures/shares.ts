/**
 * How logits become shares, as a table: softmax, `p[k] = e^(y[k] − m) / Σⱼ e^(y[j] − m)` with m the largest logit, which
 * changes no share and keeps the powers from growing beyond what a number can hold.
 * @module
 */
import { make, setText } from '../dom.ts';
import { percent, signed } from '../numbers.ts';
import { roundedToSum } from './evidence.ts';
import { type Frame, nameIn, valueAt } from './forward.ts';
import type { Stage } from './stages.ts';

interface Row {
  readonly row: HTMLElement;
  readonly logit: HTMLElement;
  readonly power: HTMLElement;
  readonly share: HTMLElement;
}

export class Shares {
  readonly element: HTMLElement;
  readonly #stage: Stage;
  readonly #rows: readonly Row[];
  readonly #sum = make('td');

  constructor(frame: Frame, stage: Stage) {
    this.#stage = stage;
    const classes = valueAt(frame.values, stage.value).data.length;
    this.#rows = Array.from({ length: classes }, (_, unit) => {
      const [logit, power, share] = [make('td'), make('td'), make('td')];
      const head = make('th', { scope: 'row' }, nameIn(frame, unit));
      const row = make('tr', {}, head, logit, power, share);
      return { row, logit, power, share };
    });
    const heads = ['', 'logit', 'power', 'share'];
    const head = heads.map((text) =>
      text === '' ? make('td') : make('th', { scope: 'col' }, text),
    );
    const foot = make(
      'tr',
      {},
      make('th', { scope: 'row' }, 'sum'),
      make('td'),
      this.#sum,
      make('td'),
    );
    this.element = make(
      'table',
      { class: 'shares' },
      make('caption', {}, 'power: e^(logit − largest)', make('br'), 'share: power / sum'),
      make('thead', {}, make('tr', {}, ...head)),
      make('tbody', {}, ...this.#rows.map(({ row }) => row)),
      make('tfoot', {}, foot),
    );
  }

  /** Shows the numbers of all classes, with `unit` marked. */
  show({ values, inputs }: Frame, unit: number): void {
    const { value } = this.#stage;
    const logits = valueAt(values, inputs[value - 1]?.[0] ?? 0).data;
    const shares = valueAt(values, value).data;
    const most = logits.reduce((a, b) => Math.max(a, b));
    const exact = Array.from(logits, (logit) => Math.exp(logit - most));
    const sum = exact.reduce((a, b) => a + b, 0);
    const powers = roundedToSum(exact, sum, 3);
    setText(this.#sum, sum.toFixed(3));
    for (const [index, { row, logit, power, share }] of this.#rows.entries()) {
      row.classList.toggle('chosen', index === unit);
      setText(logit, signed(logits[index] ?? 0, 3));
      setText(power, (powers[index] ?? 0).toFixed(3));
      setText(share, percent(shares[index] ?? 0));
    }
  }
}
