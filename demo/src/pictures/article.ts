/**
 * The figures of the article “How a convolutional network reads a digit”: the picture, one filter with its map, the map that is
 * pooled from it, and the answer, all of the network at this moment. Painted while they are in view.
 * @module
 */
import { byId, setText } from '../dom.ts';
import { percent, signed } from '../numbers.ts';
import { channelOf, type Frame, filterOf, nameIn, parametersOf, valueAt } from './forward.ts';
import { InView } from './inView.ts';
import type { Matrix } from './matrix.ts';
import { largest, paint } from './paint.ts';
import type { Palette } from './palette.ts';
import { makerOf, type Stage, stagesOf } from './stages.ts';
import { times } from './words.ts';

/** Answers that are told. */
const TOLD = 3;

/** A canvas, and what is said of it. */
class Figure {
  readonly #canvas: HTMLCanvasElement;
  readonly #caption: HTMLElement;

  constructor(id: string) {
    this.#canvas = byId(`article-${id}`, HTMLCanvasElement);
    this.#caption = byId(`article-${id}-caption`, HTMLElement);
  }

  show(matrix: Matrix, isSigned: boolean, caption: string, palette: Palette): void {
    this.#canvas.hidden = false;
    paint(this.#canvas, matrix, { isSigned, most: largest(matrix.values) }, palette);
    setText(this.#caption, caption);
  }

  /** This network has nothing of the kind. */
  leaveOut(caption: string): void {
    this.#canvas.hidden = true;
    setText(this.#caption, caption);
  }
}

export class Article {
  readonly #picture = new Figure('picture');
  readonly #filter = new Figure('filter');
  readonly #map = new Figure('map');
  readonly #pooled = new Figure('pooled');
  readonly #answer = byId('article-answer-caption', HTMLElement);
  readonly #inView = new InView(byId('article', HTMLElement));

  show(frame: Frame, palette: Palette): void {
    this.#inView.show(() => this.#paint(frame, palette));
  }

  #paint(frame: Frame, palette: Palette): void {
    const { height, width } = channelOf(frame.image, 0);
    this.#picture.show(
      channelOf(frame.image, 0),
      false,
      `${times([height, width])} numbers.`,
      palette,
    );
    this.#paintMaps(frame, palette);
    setText(this.#answer, answerOf(frame));
  }

  /** The filter that answers most, its map, and what is pooled from that. */
  #paintMaps(frame: Frame, palette: Palette): void {
    const stages = stagesOf(frame);
    const stage = stages.find((each) => makerOf(frame, each).type === 'conv2d');
    const [first = 0] = stage?.layers ?? [];
    const weight = stage && parametersOf(frame.weights, makerOf(frame, stage), first).weight;
    if (stage === undefined || weight === undefined) {
      for (const figure of [this.#filter, this.#map, this.#pooled]) {
        figure.leaveOut('This network has no convolution.');
      }
      return;
    }
    const { channel, row, column, value } = strongest(frame, stage);
    const [count = 0] = weight.shape;
    const name = `Filter ${channel + 1} of ${count}`;
    this.#filter.show(filterOf(weight, channel), true, `${name}, as it is now.`, palette);
    const where = `Strongest at row ${row + 1}, column ${column + 1}: ${signed(value, 2)}.`;
    const map = channelOf(valueAt(frame.values, stage.value), channel);
    this.#map.show(map, false, where, palette);
    const pool = stages.find(({ before, source }) => before === stage && source === stage.source);
    if (pool === undefined) {
      this.#pooled.leaveOut('Nothing is pooled from this map.');
      return;
    }
    const pooled = channelOf(valueAt(frame.values, pool.value), channel);
    const sizes = `${times([map.height, map.width])} became ${times([pooled.height, pooled.width])}.`;
    this.#pooled.show(pooled, false, sizes, palette);
  }
}

/** Where the largest number of a stage is. */
function strongest({ values }: Frame, stage: Stage) {
  const { shape, data } = valueAt(values, stage.value);
  const [, , height = 1, width = 1] = shape;
  const at = data.reduce((best, value, i) => (value > (data[best] ?? 0) ? i : best), 0);
  const place = at % (height * width);
  return {
    channel: Math.floor(at / (height * width)),
    row: Math.floor(place / width),
    column: place % width,
    value: data[at] ?? 0,
  };
}

/** `5: 97.6 %, 3: 1.4 %, 2: 0.3 %` */
function answerOf(frame: Frame): string {
  const answers = [...(frame.values.at(-1)?.data ?? [])].map((share, label) => ({ share, label }));
  return answers
    .sort((a, b) => b.share - a.share)
    .slice(0, TOLD)
    .map(({ share, label }) => `${nameIn(frame, label)}: ${percent(share)}`)
    .join(', ');
}
