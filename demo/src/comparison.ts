/** The button that compares with plain JavaScript, and what it finds. @module */
import { byId, make, onClick } from './dom.ts';
import { wordsOf } from './errors.ts';
import { milliseconds, percent, rounded, scientific } from './numbers.ts';
import type { ComparisonRequest } from './plain/compare.ts';
import { type Comparison, compareInTurns, type Run } from './plain/turns.ts';

/** Batches that both train on, again and again. */
export const COMPARED_STEPS = 12;

/** What to compare, while training rests; `resume` ends the rest. */
export interface Rest {
  readonly request: ComparisonRequest | undefined;
  readonly resume: () => void;
}

/** Connects the button. */
export function connectComparison(rest: () => Promise<Rest>): void {
  const host = byId('comparison', HTMLElement);
  const button = onClick('compare', async () => {
    button.disabled = true;
    host.replaceChildren(
      make('p', {}, `Both train on the same ${COMPARED_STEPS} batches, in turns …`),
    );
    const { request, resume } = await rest();
    try {
      if (request !== undefined)
        host.replaceChildren(...report(await compareInTurns(request), request));
    } catch (error) {
      const text = wordsOf(error);
      host.replaceChildren(make('p', { class: 'error' }, text));
    } finally {
      button.disabled = false;
      resume();
    }
  });
}

function report(
  { plain, convlet, ratio, difference }: Comparison,
  { batchSize }: ComparisonRequest,
): HTMLElement[] {
  const most = Math.max(plain.step, convlet.step);
  const [ours = 0, theirs = 0] = [convlet, plain].map(({ losses }) => losses.at(-1) ?? Number.NaN);
  return [
    ratio.doubt === undefined
      ? make('p', {}, make('span', { class: 'ratio' }, `${rounded(ratio.value)} ×`), ' faster')
      : make(
          'p',
          { class: 'doubt' },
          `How many times faster: –, ${ratio.doubt}. Press again when the machine is quieter.`,
        ),
    make(
      'ul',
      {},
      measure('Convlet', convlet, most, batchSize, 'ours'),
      measure('Plain JavaScript', plain, most, batchSize, 'theirs'),
    ),
    make(
      'p',
      { class: 'note' },
      `One thread each, in turns, on the same ${plain.losses.length} batches from the same weights: medians, and how far the samples scatter; Convlet’s forward pass is timed as a prediction. Loss of the last: ${ours.toFixed(5)} and ${theirs.toFixed(5)}; no two of a batch differ by more than ${scientific(difference)}.`,
    ),
  ];
}

/** A bar as long as a step takes, the forward pass in full colour, the rest fainter. */
function measure(
  name: string,
  { step, forward, spread }: Run,
  most: number,
  batchSize: number,
  kind: string,
): HTMLElement {
  const bar = make('div', { class: 'measure' }, make('span'));
  bar.style.width = `${(100 * step) / most}%`;
  bar.style.setProperty('--forward', `${(100 * Math.min(forward, step)) / step}%`);
  const parts = `${milliseconds(forward)} forward, ${milliseconds(Math.max(0, step - forward))} backward and update`;
  return make(
    'li',
    { class: kind },
    make(
      'div',
      { class: 'row' },
      make('b', {}, name),
      make(
        'span',
        {},
        `${milliseconds(step)} ±${percent(spread, 0)} a batch, ${rounded((1000 * batchSize) / step)} images/s`,
      ),
    ),
    bar,
    make('p', { class: 'parts' }, parts),
  );
}
