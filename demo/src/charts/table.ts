/** The numbers behind the curves, epoch by epoch. @module */
import type { EpochEvent } from 'convlet';
import { make } from '../dom.ts';
import { percent } from '../numbers.ts';

export function epochTable(epochs: readonly EpochEvent[]): HTMLElement {
  const heads = ['Epoch', 'Loss', 'Accuracy', 'Test loss', 'Test accuracy'];
  const head = make('tr', {}, ...heads.map((text) => make('th', { scope: 'col' }, text)));
  const rows = epochs.map((event) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, String(event.epoch)),
      ...cellsOf(event).map((text) => make('td', {}, text)),
    ),
  );
  return make(
    'table',
    { class: 'data-table' },
    make('thead', {}, head),
    make('tbody', {}, ...rows),
  );
}

function cellsOf({ loss, accuracy, validationLoss, validationAccuracy }: EpochEvent): string[] {
  return [
    loss.toFixed(4),
    share(accuracy),
    validationLoss?.toFixed(4) ?? '',
    share(validationAccuracy),
  ];
}

/** Empty if it was not measured. */
function share(value: number | undefined): string {
  return value === undefined ? '' : percent(value);
}
