/**
 * The evidence for a unit of a dense layer, on the page: of each map the numbers that the layer reads, times their weights,
 * and the products; their sums; and if the unit is an answer, how logits become shares.
 * @module
 */
import { quoted } from '../classes.ts';
import { make, setText } from '../dom.ts';
import { signed } from '../numbers.ts';
import { type Evidence, evidenceOf, type Part, roundedToSum } from './evidence.ts';
import { type Frame, nameIn, valueAt } from './forward.ts';
import { largest, type Matrix, paint, type Scale } from './paint.ts';
import type { Palette } from './palette.ts';
import type { Place } from './place.ts';
import { Shares } from './shares.ts';
import type { Stage } from './stages.ts';
import { MOST_TILES } from './tiles.ts';
import { nameOf } from './words.ts';

/** Digits after the point: the printed numbers add up to the last of them. */
const DIGITS = 3;
/** About the size of a picture, in CSS pixels: of one among many, and of one alone. */
const TILE = 40;
const TILE_ALONE = 130;

const ROWS = ['input', 'weight', 'product'] as const;

interface Tile {
  readonly element: HTMLElement;
  readonly canvases: Readonly<Record<(typeof ROWS)[number], HTMLCanvasElement>>;
  readonly sum: HTMLElement;
}

export class EvidenceView {
  readonly element: HTMLElement;
  readonly stage: Stage;
  readonly #title = make('strong');
  readonly #where = make('span');
  readonly #sum = make('p', { class: 'sum evidence-sum' });
  readonly #tiles: readonly Tile[];
  readonly #rest = make('p', { class: 'evidence-rest' });
  readonly #shares: Shares | undefined;

  constructor(frame: Frame, stage: Stage) {
    this.stage = stage;
    const { parts, isMaps } = evidenceOf(frame, stage, 0);
    this.#tiles = parts
      .slice(0, MOST_TILES)
      .map((part, index) => tileOf(part, index, parts.length));
    const last = frame.spec.layers[stage.layers.at(-1) ?? 0];
    this.#shares = last?.type === 'softmax' ? new Shares(frame, stage) : undefined;
    const labels = make(
      'p',
      { class: 'evidence-labels', 'aria-hidden': 'true' },
      make('span', {}, isMaps ? 'maps' : 'units'),
      make('span', {}, '× weights'),
      make('span', {}, '= evidence'),
      make('span', {}, 'sum'),
    );
    this.element = make(
      'div',
      { class: isMaps ? 'evidence' : 'evidence alone' },
      make('div', { class: 'inspector-where' }, make('p', {}, this.#title, this.#where), this.#sum),
      make(
        'div',
        { class: 'evidence-parts' },
        labels,
        make('ul', {}, ...this.#tiles.map(({ element }) => element)),
        this.#rest,
      ),
      this.#shares?.element ?? '',
    );
  }

  show(frame: Frame, { channel, noun }: Place, palette: Palette): void {
    const evidence = evidenceOf(frame, this.stage, channel);
    const isAnswer = this.#shares !== undefined;
    setText(
      this.#title,
      isAnswer ? `Evidence for ${quoted(nameIn(frame, channel))}` : `${noun} ${channel + 1}`,
    );
    setText(
      this.#where,
      `Each of the ${evidence.count.toLocaleString('en')} numbers before it, times its own weight: blue speaks for it, orange against it.`,
    );
    this.#sum.replaceChildren(...sumText(frame, this.stage, channel, evidence, isAnswer));
    this.#paint(evidence, palette);
    this.#shares?.show(frame, channel);
  }

  #paint({ parts, bias = 0, total }: Evidence, palette: Palette): void {
    const shown = parts.slice(0, MOST_TILES);
    const rest = parts.slice(MOST_TILES).reduce((sum, part) => sum + part.sum, 0);
    const sums = shown.map(({ sum }) => sum);
    const rounded = roundedToSum([...sums, rest, bias], total, DIGITS);
    const scaleOf = (name: (typeof ROWS)[number]): Scale => {
      const most = Math.max(...parts.map((part) => largest(part[name].values)));
      const isSigned = name !== 'input' || parts.some(({ input }) => hasNegative(input));
      return { isSigned, most };
    };
    for (const name of ROWS) {
      const scale = scaleOf(name);
      for (const [index, part] of shown.entries()) {
        const canvas = this.#tiles[index]?.canvases[name];
        if (canvas !== undefined) paint(canvas, part[name], scale, palette);
      }
    }
    for (const [index, { sum }] of this.#tiles.entries()) {
      const value = rounded[index] ?? 0;
      setText(sum, signed(value, DIGITS));
      sum.className = value < 0 ? 'contra' : 'pro';
    }
    const hidden = parts.length - shown.length;
    const text = `The other ${hidden === 1 ? 'map' : `${hidden} maps`}: ${signed(rounded[shown.length] ?? 0, DIGITS)}`;
    setText(this.#rest, hidden > 0 ? text : '');
  }
}

function tileOf({ input }: Part, index: number, count: number): Tile {
  const { width, height } = input;
  const size = count > 1 ? TILE : TILE_ALONE;
  const scale = Math.max(1, Math.floor(size / Math.max(width, height)));
  const canvas = () => {
    const element = make('canvas', { width, height, 'aria-hidden': 'true' });
    element.style.width = `${width * scale}px`;
    element.style.height = `${height * scale}px`;
    return element;
  };
  const canvases = { input: canvas(), weight: canvas(), product: canvas() };
  const sum = make('b');
  const name = make('span', { class: 'unseen' }, count > 1 ? `Map ${index + 1}: ` : 'All units: ');
  const rows = ROWS.map((row) => canvases[row]);
  const element = make('li', {}, ...rows, make('span', { class: 'evidence-value' }, name, sum));
  return { element, canvases, sum };
}

function hasNegative({ values }: Matrix): boolean {
  return Array.from(values).some((value) => value < 0);
}

/** The sum in four lines, rounded so that they add up; and what activations make of it. */
function sumText(
  frame: Frame,
  stage: Stage,
  unit: number,
  { pro, contra, bias, total }: Evidence,
  isAnswer: boolean,
): Node[] {
  const [left = 0, right = 0, own = 0] = roundedToSum([pro, contra, bias ?? 0], total, DIGITS);
  const line = (label: string, value: number, kind?: string) => [
    document.createTextNode(`${label} `),
    make('b', { class: kind }, signed(value, DIGITS)),
    make('br'),
  ];
  const steps = stepsOf(frame, stage);
  return [
    ...line('for', left, 'pro'),
    ...line('against', right, 'contra'),
    ...(bias === undefined ? [] : line('bias', own)),
    ...line(isAnswer && steps.length === 0 ? 'together, its logit' : 'together', total),
    ...steps.flatMap(({ name, values }) => line(`→ ${name}`, values[unit] ?? 0)),
  ];
}

/** What the layers behind the sum make of it; softmax has a table of its own. */
function stepsOf({ spec, values }: Frame, { layers: [, ...others] }: Stage) {
  return others.flatMap((index) => {
    const layer = spec.layers[index];
    if (layer === undefined || layer.type === 'softmax') return [];
    return [{ name: nameOf(layer), values: valueAt(values, index + 1).data }];
  });
}
