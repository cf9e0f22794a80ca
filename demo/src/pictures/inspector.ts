/**
 * One number under the glass. Of a convolution: the patch it looks at, times the kernel, the sum, and ReLU; of several
 * input channels the one that adds most is shown, and the others by their sum. Of a pooled pixel: its window first. Of a
 * dense layer: the evidence. Of other layers: what they read and make there.
 * @module
 */
import type { Tensor } from 'convlet';
import { byId, make } from '../dom.ts';
import { signed } from '../numbers.ts';
import { cut, type Sum, sumAt } from './convolution.ts';
import { roundedToSum } from './evidence.ts';
import { EvidenceView } from './evidenceView.ts';
import { channelOf, type Frame, valueAt } from './forward.ts';
import { inFigures } from './inFigures.ts';
import { group, matrix, shader } from './matrixTable.ts';
import { largest } from './paint.ts';
import type { Palette } from './palette.ts';
import type { Origin, Place, PoolWindow } from './place.ts';
import { pixelOf, poolWindowOf } from './pooling.ts';
import { reluPlot } from './reluPlot.ts';
import { makerOf, type Stage } from './stages.ts';
import { nameOf, times } from './words.ts';

export class Inspector {
  readonly #host = byId('inspector', HTMLElement);
  #evidence: EvidenceView | undefined;

  /** Shows what leads to a place. @returns where that is. */
  show(frame: Frame, place: Place, palette: Palette): Origin {
    const pixel = pixelOf(frame, place);
    const pool = poolWindowOf(frame, place);
    const layer = makerOf(frame, pixel.stage);
    const nowhere = { pixel, pool, window: undefined };
    if (layer.type === 'dense') {
      this.#showEvidence(frame, place, palette);
      return nowhere;
    }
    const pooled = pool === undefined ? [] : [poolRow(frame, place, pool, palette)];
    if (layer.type !== 'conv2d') {
      const parts = make('p', { class: 'sum' }, ...partsText(frame, pixel));
      this.#host.replaceChildren(headOf(place, pixel), ...pooled, parts);
      return nowhere;
    }
    const sum = sumAt(frame, layer, pixel);
    this.#host.replaceChildren(
      headOf(place, pixel, sum.channels > 1 ? `, over ${readText(layer)}` : ''),
      ...pooled,
      ...convolutionRow(frame, pixel, sum, palette),
    );
    const [first] = pixel.stage.layers;
    return { pixel, pool, window: frame.inputs[first]?.[0] === 0 ? sum.window : undefined };
  }

  /** Made once for a layer, and painted again for every unit and step. */
  #showEvidence(frame: Frame, place: Place, palette: Palette): void {
    const { stage } = place;
    if (this.#evidence?.stage !== stage) this.#evidence = new EvidenceView(frame, stage);
    const { element } = this.#evidence;
    if (element.parentElement !== this.#host) this.#host.replaceChildren(element);
    this.#evidence.show(frame, place, palette);
  }
}

/** Which maps a convolution reads. */
function readText({ groups = 1 }: { readonly groups?: number }): string {
  return groups > 1 ? 'the maps of its group before it' : 'all maps before it';
}

/** The patch, the kernel, their products; the sum and ReLU. */
function convolutionRow(frame: Frame, pixel: Place, sum: Sum, palette: Palette): HTMLElement[] {
  const { patch, kernel, products, most } = sum;
  const isSigned = Array.from(patch.values).some((value) => value < 0);
  const brightest = Math.max(1, largest(patch.values));
  const ofWeight = shader(true, most, palette);
  return [
    matrix('patch', patch, shader(isSigned, brightest, palette)),
    group('×', matrix('filter', kernel, ofWeight)),
    group('=', matrix('products', products, ofWeight)),
    make(
      'p',
      { class: 'sum' },
      ...sumText(frame, pixel, sum),
      ...resultText(frame, pixel, 'together'),
    ),
    ...reluOf(frame, pixel),
    ...inFigures(frame, pixel, sum, palette),
  ];
}

/** ReLU as a drawing, if it is what follows the convolution. */
function reluOf(frame: Frame, { stage, ...spot }: Place): HTMLElement[] {
  const layer = stage.layers.find((index) => frame.spec.layers[index]?.type === 'relu');
  if (layer === undefined) return [];
  const before = valueAt(frame.values, frame.inputs[layer]?.[0] ?? 0);
  const map = channelOf(before, spot.channel);
  return [reluPlot(pixelAt(before, spot), largest(map.values))];
}

/** The window of a pooled pixel, before ReLU if there is one, after it, and the strongest pixel of it. */
function poolRow(frame: Frame, place: Place, pool: PoolWindow, palette: Palette): HTMLElement {
  const { before, window, row, column } = pool;
  const relu = before.layers.find((index) => frame.spec.layers[index]?.type === 'relu');
  const windowIn = (value: number, caption: string) => {
    const map = channelOf(valueAt(frame.values, value), place.channel);
    const isSigned = Array.from(map.values).some((number) => number < 0);
    const table = matrix(caption, cut(map, window), shader(isSigned, largest(map.values), palette));
    const cells = table.querySelectorAll('td');
    for (const [i, cell] of cells.entries()) {
      const [y, x] = [window.top + Math.floor(i / window.width), window.left + (i % window.width)];
      const isPadding = y < 0 || y >= map.height || x < 0 || x >= map.width;
      if (isPadding) cell.replaceChildren(); // nothing is there, and it never wins
    }
    cells[(row - window.top) * window.width + column - window.left]?.classList.add('winner');
    return table;
  };
  const size = times([window.height, window.width]);
  const steps =
    relu === undefined
      ? [windowIn(before.value, `${size} window`)]
      : [
          windowIn(frame.inputs[relu]?.[0] ?? 0, `${size} window`),
          group('→', windowIn(before.value, `after ${lastOf(frame, before)}`)),
        ];
  const output = channelOf(valueAt(frame.values, place.stage.value), place.channel);
  const value = pixelAt(valueAt(frame.values, place.stage.value), place);
  const one = { width: 1, height: 1, values: [value] };
  const isSigned = Array.from(output.values).some((number) => number < 0);
  const strongest = matrix('strongest', one, shader(isSigned, largest(output.values), palette));
  return make('div', { class: 'pool-row' }, ...steps, group('→', strongest));
}

/** The name of the last layer of a stage. */
function lastOf({ spec }: Frame, { layers }: Stage): string {
  const layer = spec.layers[layers.at(-1) ?? 0];
  return layer === undefined ? '' : nameOf(layer);
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

/** The terms of the sum, rounded so that they add up to what the network has. */
function sumText(frame: Frame, { stage, ...spot }: Place, sum: Sum): Text[] {
  const { own, others, channels, bias } = sum;
  const total = pixelAt(valueAt(frame.values, stage.layers[0] + 1), spot);
  const [first = 0, rest = 0, last = 0] = roundedToSum([own, others, bias ?? 0], total, 3);
  return [
    ...line('sum of the products', first),
    ...(channels > 1
      ? line(`the other ${channels === 2 ? 'channel' : `${channels - 1} channels`}`, rest)
      : []),
    ...(bias === undefined ? [] : line('bias', last)),
  ];
}

/** What the layers of a stage make of a pixel, one after another, as the network itself has it. */
function resultText(frame: Frame, { stage, ...spot }: Place, label: string): Text[] {
  const [first, ...others] = stage.layers;
  const value = (layer: number) =>
    make('strong', {}, signed(pixelAt(valueAt(frame.values, layer + 1), spot), 3));
  const steps = others.flatMap((layer): Text[] => {
    const spec = frame.spec.layers[layer];
    return [` → ${spec === undefined ? '' : nameOf(spec)} `, value(layer)];
  });
  return [`${label} `, value(first), ...steps];
}

/** A pixel of any layer: the same pixel of all that the layer reads in the same size, and what comes of it. */
function partsText(frame: Frame, pixel: Place): Text[] {
  const [first] = pixel.stage.layers;
  const size = String(valueAt(frame.values, first + 1).shape);
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
