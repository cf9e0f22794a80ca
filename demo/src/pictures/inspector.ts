/**
 * One pixel of a map under the glass. Of a convolution: the patch it looks at, times the kernel, and the sum; of several
 * input channels the one that adds most is shown, and the others by their sum. Of other layers: what they read and make there.
 * @module
 */
import type { LayerSpec, Tensor } from 'convlet';
import { byId, make } from '../dom.ts';
import { signed } from '../numbers.ts';
import { channelOf, type Frame, filterOf, parametersOf, valueAt } from './forward.ts';
import { largest, type Matrix } from './paint.ts';
import { cssOf, level, type Palette } from './palette.ts';
import { makerOf, type Stage } from './stages.ts';
import type { Place } from './views.ts';
import { pair, type Window, windowOf } from './window.ts';
import { nameOf } from './words.ts';

type Of<Type extends LayerSpec['type']> = Extract<LayerSpec, { type: Type }>;

/** All numbers that lead to one pixel of a convolution. */
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
  /** Undefined if the layer has none. */
  readonly bias: number | undefined;
  /** The largest weight of the layer, either way. */
  readonly most: number;
}

export class Inspector {
  readonly #host = byId('inspector', HTMLElement);

  /**
   * Shows what leads to a place. @returns the pixel of the map that the place stands for, and its window in the picture
   * if a convolution looks at the picture itself.
   */
  show(frame: Frame, place: Place, palette: Palette): { pixel: Place; window: Window | undefined } {
    const pixel = pixelOf(frame, place);
    const layer = makerOf(frame, pixel.stage);
    if (layer.type !== 'conv2d') {
      this.#host.replaceChildren(
        headOf(place, pixel),
        make('p', { class: 'sum' }, ...partsText(frame, pixel)),
      );
      return { pixel, window: undefined };
    }
    const sum = sumAt(frame, layer, pixel);
    this.#render(frame, place, pixel, sum, palette);
    const [first] = pixel.stage.layers;
    return { pixel, window: frame.inputs[first]?.[0] === 0 ? sum.window : undefined };
  }

  #render(frame: Frame, place: Place, pixel: Place, sum: Sum, palette: Palette): void {
    const { patch, kernel, products, most, channels } = sum;
    const isSigned = Array.from(patch.values).some((value) => value < 0);
    const brightest = Math.max(1, largest(patch.values));
    const ofPatch = (value: number) =>
      isSigned
        ? shade(value, -brightest, brightest, palette.signed)
        : shade(value, 0, brightest, palette.activation);
    const ofWeight = (value: number) => shade(value, -most, most, palette.signed);
    this.#host.replaceChildren(
      headOf(place, pixel, channels > 1 ? ', over all maps before it' : ''),
      matrix('patch', patch, ofPatch),
      group('×', matrix('filter', kernel, ofWeight)),
      group('=', matrix('products', products, ofWeight)),
      make('p', { class: 'sum' }, ...sumText(sum), ...resultText(frame, pixel, 'together')),
    );
  }
}

/** A pooled pixel stands for the largest of its window; a filter for the place where it answers most. */
function pixelOf(frame: Frame, place: Place): Place {
  if (place.kind === 'filters') return strongestOf(frame, place);
  const layer = makerOf(frame, place.stage);
  const { before } = place.stage;
  if (layer.type !== 'maxPool2d' || before === undefined) return place;
  return pixelOf(frame, winnerOf(frame, layer, place, before));
}

/** The pixel of the stage before that is the largest of its window. */
function winnerOf(frame: Frame, pool: Of<'maxPool2d'>, place: Place, before: Stage): Place {
  const { poolSize, strides = poolSize, padding = 'valid' } = pool;
  const map = channelOf(valueAt(frame.values, before.value), place.channel);
  const output = channelOf(valueAt(frame.values, place.stage.value), place.channel);
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
  return { ...place, stage: before, row: best.row, column: best.column };
}

/** The pixel of a map where its filter answers most. */
function strongestOf(frame: Frame, place: Place): Place {
  const { width, values } = channelOf(outputOf(frame, place.stage.layers[0]), place.channel);
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return { ...place, kind: 'maps', row: Math.floor(best / width), column: best % width };
}

function outputOf({ values }: Frame, layer: number): Tensor {
  return valueAt(values, layer + 1);
}

function sumAt(frame: Frame, layer: Of<'conv2d'>, { stage, channel, row, column }: Place): Sum {
  const [first] = stage.layers;
  const input = valueAt(frame.values, frame.inputs[first]?.[0] ?? 0);
  const { weight, bias } = parametersOf(frame.weights, layer, first);
  if (weight === undefined) throw new Error('internal: expected the weight of a convolution.');
  const [filters = 1, channels = 1, height = 1, width = 1] = weight.shape;
  const { strides = 1, padding = 'valid', dilation = 1, groups = 1 } = layer;
  const extent = ({ shape }: Tensor) => [shape[2] ?? 1, shape[3] ?? 1] as const;
  const options = { size: [height, width] as const, strides, padding, dilation };
  const window = windowOf(options, extent(input), extent(outputOf(frame, first)), [row, column]);
  const firstInput = Math.floor((channel * groups) / filters) * channels;
  const parts = Array.from({ length: channels }, (_, c) => {
    const kernel = filterOf(weight, channel, c);
    const patch = cut(channelOf(input, firstInput + c), window);
    const values = Array.from(patch.values, (value, i) => value * (kernel.values[i] ?? 0));
    const own = values.reduce((total, value) => total + value, 0);
    return { channel: firstInput + c, kernel, patch, products: { ...kernel, values }, own };
  });
  const all = parts.reduce((total, { own }) => total + own, 0);
  const [most] = parts.toSorted((a, b) => Math.abs(b.own) - Math.abs(a.own));
  if (most === undefined) throw new Error('internal: expected an input channel.');
  return {
    ...most,
    window,
    others: all - most.own,
    channels,
    bias: bias?.data[channel],
    most: largest(weight.data),
  };
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

/** What is looked at, and where. */
function headOf(place: Place, pixel: Place, from = ''): HTMLElement {
  const title = make('strong', {}, `${place.noun} ${place.channel + 1}${from}`);
  return make('p', { class: 'inspector-where' }, title, whereOf(place, pixel));
}

function whereOf(place: Place, pixel: Place): string {
  const at = `row ${pixel.row + 1}, column ${pixel.column + 1}`;
  if (place.kind === 'filters') return `Here it answers most: ${at}. Point at any pixel of a map.`;
  if (place.stage !== pixel.stage) return `The strongest pixel of its window: ${at} of the map.`;
  return `The pixel in ${at}.`;
}

type Text = string | Node;

function line(label: string, value: number): Text[] {
  return [`${label} `, make('b', {}, signed(value, 3)), make('br')];
}

function sumText({ own, others, channels, bias }: Sum): Text[] {
  const rest = channels > 1 ? line(`the other ${channels - 1} channels`, others) : [];
  const last = bias === undefined ? [] : line('bias', bias);
  return [...line('sum of the products', own), ...rest, ...last];
}

/** What the layers of a stage make of a pixel, one after another, as the network itself has it. */
function resultText(frame: Frame, { stage, ...spot }: Place, label: string): Text[] {
  const [first, ...others] = stage.layers;
  const value = (layer: number) =>
    make('strong', {}, signed(pixelAt(outputOf(frame, layer), spot), 3));
  const steps = others.flatMap((layer): Text[] => {
    const spec = frame.spec.layers[layer];
    return [` → ${spec === undefined ? '' : nameOf(spec)} `, value(layer)];
  });
  return [`${label} `, value(first), ...steps];
}

/** A pixel of any layer: the same pixel of all that the layer reads in the same size, and what comes of it. */
function partsText(frame: Frame, pixel: Place): Text[] {
  const [first] = pixel.stage.layers;
  const size = String(outputOf(frame, first).shape);
  const parts = (frame.inputs[first] ?? []).flatMap((value) => {
    const tensor = valueAt(frame.values, value);
    return String(tensor.shape) === size
      ? line(sourceOf(frame, value), pixelAt(tensor, pixel))
      : [];
  });
  return [...parts, ...resultText(frame, pixel, nameOf(makerOf(frame, pixel.stage)))];
}

/** Where a value comes from: the name of a layer, or its type. */
function sourceOf({ spec }: Frame, value: number): string {
  const layer = spec.layers[value - 1];
  if (layer === undefined) return 'picture';
  return layer.name === undefined ? nameOf(layer) : `${nameOf(layer)} “${layer.name}”`;
}

type Spot = Pick<Place, 'channel' | 'row' | 'column'>;

function pixelAt(tensor: Tensor, { channel, row, column }: Spot): number {
  const { width, values } = channelOf(tensor, channel);
  return values[row * width + column] ?? 0;
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
