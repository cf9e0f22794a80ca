/** The button that compares with plain JavaScript, and what it finds. @module */
import { byId, make } from './dom.ts';
import { milliseconds, rounded } from './numbers.ts';
import type { Comparison, ComparisonRequest } from './plain/compare.ts';

/** Batches that both train on: plain JavaScript takes a second or two. */
export const COMPARED_STEPS = 12;

type Reply = { readonly comparison: Comparison } | { readonly error: string };

/** What to compare, while training rests; `resume` ends the rest. */
export interface Rest {
  readonly request: ComparisonRequest | undefined;
  readonly resume: () => void;
}

/** Connects the button. */
export function connectComparison(rest: () => Promise<Rest>): void {
  const button = byId('compare', HTMLButtonElement);
  const host = byId('comparison', HTMLElement);
  button.addEventListener('click', async () => {
    button.disabled = true;
    host.replaceChildren(make('p', {}, `Training on ${COMPARED_STEPS} batches, twice …`));
    const { request, resume } = await rest();
    try {
      if (request !== undefined) host.replaceChildren(...report(await run(request), request));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      host.replaceChildren(make('p', { class: 'error' }, text));
    } finally {
      button.disabled = false;
      resume();
    }
  });
}

async function run(request: ComparisonRequest): Promise<Comparison> {
  const worker = new Worker(new URL('./plain/worker.ts', import.meta.url), { type: 'module' });
  try {
    const reply = await new Promise<Reply>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Reply>) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message || 'the worker ended'));
      worker.postMessage(request);
    });
    if ('error' in reply) throw new Error(reply.error);
    return reply.comparison;
  } finally {
    worker.terminate();
  }
}

function report(comparison: Comparison, { batchSize }: ComparisonRequest): HTMLElement[] {
  const { plain, convlet, steps, plainLoss, convletLoss } = comparison;
  const most = Math.max(plain, convlet);
  return [
    make('p', {}, make('span', { class: 'ratio' }, `${rounded(plain / convlet)} ×`), ' faster'),
    make(
      'ul',
      {},
      measure('Convlet', convlet, most, batchSize, true),
      measure('Plain JavaScript', plain, most, batchSize, false),
    ),
    make(
      'p',
      { class: 'note' },
      `One thread each, the same ${steps} batches from the same weights. Loss of the last: ${convletLoss.toFixed(5)} and ${plainLoss.toFixed(5)}; no two of a batch differ by more than ${comparison.difference.toExponential(0)}.`,
    ),
  ];
}

function measure(
  name: string,
  time: number,
  most: number,
  batchSize: number,
  isOurs: boolean,
): HTMLElement {
  const bar = make('div', { class: 'measure' });
  bar.style.width = `${(100 * time) / most}%`;
  const value = `${milliseconds(time)} a batch, ${rounded((1000 * batchSize) / time)} images/s`;
  return make(
    'li',
    { class: isOurs ? 'ours' : '' },
    make('div', { class: 'row' }, make('span', {}, name), make('span', {}, value)),
    bar,
  );
}
