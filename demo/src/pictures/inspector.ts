/**
 * One pixel of a map under the glass: the patch it looks at, times the kernel, and the sum.
 * Of several input channels the one that adds most is shown, and the others by their sum.
 * @module
 */
import type { LayerSpec } from 'convlet';
import { byId, make } from '../dom.ts';
import { signed } from '../numbers.ts';
import { channelOf, type Frame, filterOf } from './forward.ts';
import { largest, type Matrix } from './paint.ts';
import { cssOf, level, type Palette } from './palette.ts';
import type { Place } from './views.ts';
import { pair, type Window, windowOf } from './window.ts';

type Of<Type extends LayerSpec['type']> = Extract<LayerSpec, { type: Type }>;

/** All numbers that lead to one pixel before ReLU. */
interface Sum {
  readonly window: Window;
  readonly channel: number;
  readonly patch: Matrix;
  readonly kernel: Matrix;
  readonly products: Matrix;
  /** Of the channel shown; of all others. */
  readonly own: number;
  readonly others: number;
  readonly channels: number;
  readonly bias: number;
}

export class Inspector {
  readonly #host = byId('inspector', HTMLElement);

  /**
   * Shows what leads to a place. @returns the pixel of the map that the place stands for, and its window in the picture,
   * where the convolution looks at the picture itself.
   */
  show(frame: Frame, place: Place, palette: Palette): { pixel: Place; window: Window | undefined } {
    const pixel = winnerOf(frame, place);
    const layer = frame.spec.layers[pixel.convolution];
    if (layer?.type !== 'conv2d') return { pixel, window: undefined };
    const sum = sumAt(frame, layer, pixel);
    this.#render(frame, place, pixel, sum, palette);
    return { pixel, window: pixel.convolution === 0 ? sum.window : undefined };
  }

  #render(frame: Frame, place: Place, target: Place, sum: Sum, palette: Palette): void {
    // of the map itself: what the numbers before it must come to
    const map = channelOf(frame.outputs[target.convolution] ?? frame.image, target.channel);
    const total = map.values[target.row * map.width + target.column] ?? 0;
    const hasRelu = frame.spec.layers[target.convolution + 1]?.type === 'relu';
    const shown = { isSigned: false, most: Math.max(1, largest(sum.patch.values)) };
    const weights = frame.weights.get(`${target.convolution}.weight`)?.data ?? [];
    const most = largest(weights);
    this.#host.replaceChildren(
      make(
        'p',
        { class: 'inspector-where' },
        make('strong', {}, titleOf(place, sum)),
        whereOf(place, target),
      ),
      matrix('patch', sum.patch, (value) => shade(value, 0, shown.most, palette.activation)),
      group(
        '×',
        matrix('filter', sum.kernel, (value) => shade(value, -most, most, palette.signed)),
      ),
      group(
        '=',
        matrix('products', sum.products, (value) => shade(value, -most, most, palette.signed)),
      ),
      make('p', { class: 'sum' }, ...sumText(sum, total, hasRelu)),
    );
  }
}

/** A pooled pixel stands for the largest of its window; a filter for the place where it answers most. */
function winnerOf(frame: Frame, place: Place): Place {
  if (place.kind === 'pooled') return winnerOfPooling(frame, place);
  return place.kind === 'filters' ? strongestOf(frame, place) : place;
}

function winnerOfPooling(frame: Frame, place: Place): Place {
  const pool = frame.spec.layers[place.layer];
  const input = frame.outputs[place.layer - 1];
  if (pool?.type !== 'maxPool2d' || input === undefined) return place;
  const { poolSize, strides = poolSize, padding = 'valid' } = pool;
  const map = channelOf(input, place.channel);
  const output = channelOf(frame.outputs[place.layer] ?? input, place.channel);
  const window = windowOf(
    { size: pair(poolSize), strides, padding },
    [map.height, map.width],
    [output.height, output.width],
    [place.row, place.column],
  );
  let best = { row: window.top, column: window.left, value: Number.NEGATIVE_INFINITY };
  for (let i = 0; i < window.height * window.width; i++) {
    const row = window.top + Math.floor(i / window.width);
    const column = window.left + (i % window.width);
    if (row < 0 || row >= map.height || column < 0 || column >= map.width) continue;
    const value = map.values[row * map.width + column] ?? 0;
    if (value > best.value) best = { row, column, value };
  }
  return { ...place, kind: 'maps', layer: place.layer - 1, row: best.row, column: best.column };
}

/** The pixel of a map where its filter answers most. */
function strongestOf(frame: Frame, place: Place): Place {
  const { convolution, channel } = place;
  const output = frame.outputs[convolution];
  if (output === undefined) return place;
  const { width, values } = channelOf(output, channel);
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return { ...place, kind: 'maps', row: Math.floor(best / width), column: best % width };
}

function sumAt(
  frame: Frame,
  layer: Of<'conv2d'>,
  { convolution, channel, row, column }: Place,
): Sum {
  const input = convolution === 0 ? frame.image : frame.outputs[convolution - 1];
  const output = frame.outputs[convolution];
  const weight = frame.weights.get(`${convolution}.weight`);
  if (input === undefined || output === undefined || weight === undefined) {
    throw new Error('internal: expected a convolution with its input, output and weight.');
  }
  const [filters = 1, channels = 1, height = 1, width = 1] = weight.shape;
  const { strides = 1, padding = 'valid', dilation = 1, groups = 1 } = layer;
  const extent = ({ shape }: typeof input) => [shape[2] ?? 1, shape[3] ?? 1] as const;
  const options = { size: [height, width] as const, strides, padding, dilation };
  const window = windowOf(options, extent(input), extent(output), [row, column]);
  const firstInput = Math.floor((channel * groups) / filters) * channels;
  const parts = Array.from({ length: channels }, (_, c) => {
    const kernel = filterOf(weight, channel, c);
    const patch = cut(channelOf(input, firstInput + c), window);
    const values = Array.from(patch.values, (value, i) => value * (kernel.values[i] ?? 0));
    const own = values.reduce((total, value) => total + value, 0);
    return { channel: firstInput + c, kernel, patch, products: { ...kernel, values }, own };
  });
  const all = parts.reduce((total, { own }) => total + own, 0);
  const [first] = parts.toSorted((a, b) => Math.abs(b.own) - Math.abs(a.own));
  if (first === undefined) throw new Error('internal: expected an input channel.');
  const bias = frame.weights.get(`${convolution}.bias`)?.data[channel] ?? 0;
  return { ...first, window, others: all - first.own, channels, bias };
}

/** The pixels of a matrix under a window, 0 outside. */
function cut({ width, height, values }: Matrix, window: Window): Matrix {
  const [spreadY, spreadX] = window.dilation;
  const cells = Array.from({ length: window.height * window.width }, (_, i) => {
    const y = window.top + Math.floor(i / window.width) * spreadY;
    const x = window.left + (i % window.width) * spreadX;
    const isInside = y >= 0 && y < height && x >= 0 && x < width;
    return isInside ? (values[y * width + x] ?? 0) : 0;
  });
  return { width: window.width, height: window.height, values: cells };
}

function titleOf(place: Place, { channels }: Sum): string {
  const what = { filters: 'Filter', maps: 'Map', pooled: 'Pooled map' }[place.kind];
  const from = channels > 1 ? ', over all maps before it' : '';
  return `${what} ${place.channel + 1}${from}`;
}

function whereOf(place: Place, target: Place): string {
  const at = `row ${target.row + 1}, column ${target.column + 1}`;
  if (place.kind === 'filters') return `Here it answers most: ${at}. Point at any pixel of a map.`;
  if (place.kind === 'pooled') return `The strongest pixel of its window: ${at} of the map.`;
  return `The pixel in ${at}.`;
}

function sumText(sum: Sum, total: number, hasRelu: boolean): (string | Node)[] {
  const lines: (string | Node)[] = [];
  const line = (label: string, value: number) => {
    lines.push(`${label} `, make('b', {}, signed(value, 3)), make('br'));
  };
  line('sum of the products', sum.own);
  if (sum.channels > 1) line(`the other ${sum.channels - 1} channels`, sum.others);
  line('bias', sum.bias);
  lines.push('together ', make('strong', {}, signed(total, 3)));
  if (hasRelu) {
    const after = Math.max(0, total);
    lines.push(' → ReLU ', make('strong', {}, signed(after, 3)));
  }
  return lines;
}

/** An operator and what follows it, kept on one line. */
function group(operator: string, table: HTMLElement): HTMLElement {
  const sign = make('span', { class: 'operator', 'aria-hidden': 'true' }, operator);
  return make('div', { class: 'group' }, sign, table);
}

function matrix(
  caption: string,
  { width, height, values }: Matrix,
  styleOf: (value: number) => { background: string; text: string },
): HTMLElement {
  const rows = Array.from({ length: height }, (_, row) =>
    make(
      'tr',
      {},
      ...Array.from({ length: width }, (_, column) => {
        const value = values[row * width + column] ?? 0;
        const { background, text } = styleOf(value);
        const cell = make('td', {}, signed(value, width > 4 ? 1 : 2));
        cell.style.background = background;
        cell.style.color = text;
        return cell;
      }),
    ),
  );
  const table = make('table', { class: width > 4 ? 'matrix small' : 'matrix' });
  table.append(make('caption', {}, caption), make('tbody', {}, ...rows));
  return table;
}

function shade(value: number, least: number, most: number, colours: Uint32Array) {
  return cssOf(colours[level(value, least, most)] ?? 0);
}
