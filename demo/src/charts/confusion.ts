/**
 * Which class is read as which: a table of buttons, each of which opens the images behind its number. The table is one tab
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
  #names: readonly string[] = [];
  #chosen: Cell | undefined;

  /** @param onChoose Is given the cell that was pressed, or undefined where the chosen one is pressed again. */
  constructor(onChoose: (cell: Cell | undefined) => void) {
    this.#onChoose = onChoose;
  }

  /** @param names Of the classes. */
  build(names: readonly string[]): void {
    this.#chosen = undefined;
    this.#names = names;
    this.#cells = names.map((_, label) =>
      names.map((_, reading) => this.#cell({ label, reading })),
    );
    const roving = new Roving();
    for (const cell of this.#cells.flat()) roving.add(cell);
    const areLong = names.some((name) => name.length > 2);
    const head = make(
      'tr',
      {},
      make('td'),
      ...names.map((name) => make('th', { scope: 'col', title: name }, make('span', {}, name))),
    );
    const rows = this.#cells.map((cells, label) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row', title: names[label] }, names[label] ?? ''),
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
      make(
        'table',
        { class: areLong ? 'grid named' : 'grid' },
        make('thead', {}, head),
        make('tbody', {}, ...rows),
      ),
    );
  }

  show({ matrix }: Judgement, palette: Palette): void {
    const most = Math.max(1, ...matrix.flat());
    for (const [label, row] of matrix.entries()) {
      for (const [reading, count] of row.entries()) {
        const cell = this.#cells[label]?.[reading];
        if (cell === undefined) continue;
        paintCell(cell, label === reading, count, most, palette);
        cell.setAttribute('aria-label', this.#describe({ label, reading }, count));
      }
    }
  }

  #describe({ label, reading }: Cell, count?: number): string {
    const verb = label === reading ? 'read rightly' : `read as ${this.#names[reading]}`;
    return `${this.#names[label]} ${verb}${count === undefined ? '' : `: ${count}`}`;
  }

  #cell(cell: Cell): HTMLButtonElement {
    const button = make('button', {
      type: 'button',
      'aria-pressed': 'false',
      'aria-label': this.#describe(cell), // before anything is counted
    });
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
  isRight: boolean,
  count: number,
  most: number,
  { activation, signed }: Palette,
): void {
  const entry = isRight
    ? activation[level(count, 0, most)]
    : signed[level(-Math.sqrt(count), -5, 5)];
  const { background, text } = cssOf(entry ?? 0);
  button.style.background = background;
  button.style.color = text;
  setText(button, count === 0 ? '' : String(count));
}
