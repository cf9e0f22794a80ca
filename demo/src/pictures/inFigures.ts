/** The change or the gradient of a kernel in figures, beside the convolution that it takes part in. @module */
import { make } from '../dom.ts';
import type { Sum } from './convolution.ts';
import { shownOf } from './filters.ts';
import { type Frame, filterOf } from './forward.ts';
import { matrix, shader } from './matrixTable.ts';
import { largest, NOTHING } from './paint.ts';
import type { Palette } from './palette.ts';
import type { Place } from './place.ts';

/** Nothing while the filters show their weights, which are there already. */
export function inFigures(
  frame: Frame,
  { stage, channel }: Place,
  sum: Sum,
  palette: Palette,
): HTMLElement[] {
  const kind = frame.overlay?.kind ?? 'weights';
  const shown = kind === 'weights' ? undefined : shownOf(frame, stage);
  if (shown === undefined) return [];
  const kernel = filterOf(shown, channel, sum.channel - sum.firstInput);
  const most = largest(shown.data);
  const digits = most === NOTHING ? 0 : -Math.floor(Math.log10(most));
  const factor = 10 ** Math.max(0, digits); // for a digit before the point
  const values = Array.from(kernel.values, (value) => value * factor);
  const caption = factor === 1 ? kind : `${kind} × ${factor.toLocaleString('en')}`;
  const table = matrix(caption, { ...kernel, values }, shader(true, most * factor, palette));
  const noun = kind === 'change' ? 'The change since the start' : 'The gradient of the step';
  const note = `${noun}, in figures: for this filter${sum.channels > 1 ? ', and the map that adds most' : ''}.`;
  return [make('div', { class: 'in-figures' }, table, make('p', { class: 'note' }, note))];
}
