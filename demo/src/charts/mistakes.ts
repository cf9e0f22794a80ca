/** The images behind a cell of the confusion matrix, or the surest mistakes of all. Press one to put it before the network. @module */
import type { Dataset } from 'convlet';
import { namesOf, quoted } from '../classes.ts';
import { imageOf } from '../digits.ts';
import { byId, make, setText } from '../dom.ts';
import type { Judgement, Mistake } from '../judgement.ts';
import { count, percent } from '../numbers.ts';
import { paint } from '../pictures/paint.ts';
import type { Palette } from '../pictures/palette.ts';
import { Roving } from '../roving.ts';
import type { Cell } from './confusion.ts';

/** Images shown at most: two rows, or on a phone four. */
const MOST = 28;
const MOST_ON_PHONE = 12;
const phone = matchMedia('(max-width: 760px)');

export class Mistakes {
  readonly #note = byId('mistakes-note', HTMLElement);
  readonly #gallery = byId('gallery', HTMLElement);
  readonly #title = byId('mistakes-title', HTMLElement);
  readonly #onPick: (index: number) => void;
  readonly #items: Item[] = [];
  /** One tab stop for all of them. */
  readonly #roving = new Roving();

  constructor(onPick: (index: number) => void) {
    this.#onPick = onPick;
  }

  show(judgement: Judgement, cell: Cell | undefined, test: Dataset, palette: Palette): void {
    const all = judgement.mistakes;
    const chosen =
      cell === undefined || cell.label === cell.reading
        ? all.filter(({ label }) => cell === undefined || label === cell.label)
        : all.filter(({ label, reading }) => label === cell.label && reading === cell.reading);
    const shown = chosen.slice(0, phone.matches ? MOST_ON_PHONE : MOST);
    setText(this.#title, titleOf(cell, namesOf(test)));
    setText(this.#note, noteOf(chosen.length, shown.length, judgement.count, cell));
    while (this.#items.length < shown.length) this.#items.push(this.#item());
    for (const [place, item] of this.#items.entries()) {
      const mistake = shown[place];
      item.element.hidden = mistake === undefined;
      if (mistake !== undefined) fill(item, mistake, test, palette);
    }
    this.#roving.refresh();
  }

  /** Those of another network, or of other images, are none of this one. */
  clear(): void {
    setText(this.#title, 'Mistakes');
    setText(this.#note, '');
    for (const { element } of this.#items) element.hidden = true;
  }

  #item(): Item {
    const canvas = make('canvas', { width: 28, height: 28 });
    const text = make('span');
    const button = make('button', { type: 'button' }, canvas, text);
    const item: Item = { element: make('li', {}, button), canvas, text, index: 0 };
    button.addEventListener('click', () => this.#onPick(item.index));
    this.#gallery.append(item.element);
    this.#roving.add(button);
    return item;
  }
}

interface Item {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly text: HTMLElement;
  index: number;
}

function fill(item: Item, mistake: Mistake, test: Dataset, palette: Palette): void {
  const { index, label, reading, sureness } = mistake;
  const [, height = 1, width = 1] = test.shape;
  const names = namesOf(test);
  item.index = index;
  const values = imageOf(test, index);
  paint(item.canvas, { width, height, values }, { isSigned: false, most: 255 }, palette);
  item.text.replaceChildren(
    make('b', {}, names[label] ?? ''),
    ` read as `,
    make('b', {}, names[reading] ?? ''),
    make('br'),
    `${percent(sureness, 0)} sure`,
  );
}

function titleOf(cell: Cell | undefined, names: readonly string[]): string {
  if (cell === undefined) return 'Mistakes';
  const [label, reading] = [quoted(names[cell.label]), quoted(names[cell.reading])];
  if (cell.label === cell.reading) return `Mistakes: every ${label} not read as one`;
  return `Mistakes: ${label} read as ${reading}`;
}

function noteOf(found: number, shown: number, total: number, cell: Cell | undefined): string {
  const of = `of ${count(total, 'test image')}`;
  if (found === 0) return `None ${of}.`;
  const which = shown < found ? `the surest ${shown} are shown` : 'the surest first';
  const hint = cell === undefined ? ' Press a cell of the table for those behind it.' : '';
  return `${found.toLocaleString('en')} ${of}; ${which}.${hint} Press an image to see how it is read.`;
}
