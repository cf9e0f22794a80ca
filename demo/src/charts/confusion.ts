/**
 * Which digit is read as which: a table of buttons, each of which opens the images behind its number. The table is one tab
 * stop; arrow keys go from cell to cell.
 * @module
 */
import { byId, make, setText } from '../dom.ts';
import type { Judgement } from '../judgement.ts';
import { cssOf, level, type Palette } from '../pictures/palette.ts';
import { Roving } from '../roving.ts';

/** A cell of the matrix. */
export interface Cell {
  readonly label: number;
  readonly reading: number;
}

export class Confusion {
  readonly #onChoose: (cell: Cell | undefined) => void;
  readonly #host = byId('confusion', HTMLElement);
  #cells: HTMLButtonElement[][] = [];
  #chosen: Cell | undefined;

  /** @param onChoose Is given the cell that was pressed, or undefined where the chosen one is pressed again. */
  constructor(onChoose: (cell: Cell | undefined) => void) {
    this.#onChoose = onChoose;
  }

  build(classes: number): void {
    this.#chosen = undefined;
    this.#cells = Array.from({ length: classes }, (_, label) =>
      Array.from({ length: classes }, (_, reading) => this.#cell({ label, reading })),
    );
    const roving = new Roving();
    for (const cell of this.#cells.flat()) roving.add(cell);
    const digits = Array.from({ length: classes }, (_, digit) => String(digit));
    const head = make(
      'tr',
      {},
      make('td'),
      ...digits.map((digit) => make('th', { scope: 'col' }, digit)),
    );
    const rows = this.#cells.map((cells, label) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, String(label)),
        ...cells.map((cell) => make('td', {}, cell)),
      ),
    );
    this.#host.replaceChildren(
      make(
        'figcaption',
        {},
        make('h3', {}, 'Confusions'),
        make('span', { class: 'axis-name' }, 'rows: what it is, columns: what it is read as'),
      ),
      make('table', { class: 'grid' }, make('thead', {}, head), make('tbody', {}, ...rows)),
    );
  }

  show({ matrix }: Judgement, palette: Palette): void {
    const most = Math.max(1, ...matrix.flat());
    for (const [label, row] of matrix.entries()) {
      for (const [reading, count] of row.entries()) {
        const cell = this.#cells[label]?.[reading];
        if (cell !== undefined) paintCell(cell, { label, reading }, count, most, palette);
      }
    }
  }

  #cell(cell: Cell): HTMLButtonElement {
    const button = make('button', { type: 'button', 'aria-pressed': 'false' });
    button.addEventListener('click', () => this.#choose(cell));
    return button;
  }

  #choose(cell: Cell): void {
    const before = this.#chosen;
    const isSame = before?.label === cell.label && before.reading === cell.reading;
    this.#chosen = isSame ? undefined : cell;
    if (before !== undefined) this.#press(before, false);
    if (!isSame) this.#press(cell, true);
    this.#onChoose(this.#chosen);
  }

  #press({ label, reading }: Cell, isPressed: boolean): void {
    this.#cells[label]?.[reading]?.setAttribute('aria-pressed', String(isPressed));
  }
}

/** Right readings in the colours of activations; wrong ones in orange, and on a scale of their own: they are few. */
function paintCell(
  button: HTMLButtonElement,
  { label, reading }: Cell,
  count: number,
  most: number,
  { activation, signed }: Palette,
): void {
  const entry =
    label === reading ? activation[level(count, 0, most)] : signed[level(-Math.sqrt(count), -5, 5)];
  const { background, text } = cssOf(entry ?? 0);
  button.style.background = background;
  button.style.color = text;
  setText(button, count === 0 ? '' : String(count));
  const verb = label === reading ? 'read rightly' : `read as ${reading}`;
  button.setAttribute('aria-label', `${label} ${verb}: ${count}`);
}
