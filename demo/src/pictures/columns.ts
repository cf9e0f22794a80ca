/** What the page shows of a network: one column a stage, in the order of the data. @module */
import type { LayerSpec, ModelSpec } from 'convlet';

export interface Column {
  readonly kind: 'filters' | 'maps' | 'pooled' | 'units' | 'answer';
  /** The layer whose weights (filters) or outputs (all others) are shown. */
  readonly layer: number;
  /** The convolution that maps and pooled maps come from. */
  readonly convolution: number;
  readonly title: string;
  /** One sentence on what the reader sees. */
  readonly note: string;
}

/** The columns of a network. Filters are shown where they look at the picture itself. */
export function columnsOf({ layers, inputShape }: ModelSpec): Column[] {
  const columns: Column[] = [];
  let convolution = -1;
  for (const [index, layer] of layers.entries()) {
    const isFirst = convolution < 0;
    if (layer.type === 'conv2d') {
      convolution = index;
      if (isFirst && inputShape[0] === 1) columns.push(filters(layer, index));
      columns.push(maps(layer, outputAfter(layers, index), index, isFirst));
    } else if (layer.type === 'maxPool2d') {
      columns.push(pooled(layer, index, convolution));
    } else if (layer.type === 'dense' && !isAnswer(layers, index)) {
      columns.push(units(layer, outputAfter(layers, index), convolution));
    }
  }
  const last = layers.length - 1;
  columns.push({
    kind: 'answer',
    layer: last,
    convolution,
    title: 'Answer',
    note: 'Each digit weighs every number before it, in its own way: ten probabilities.',
  });
  return columns;
}

type Of<Type extends LayerSpec['type']> = Extract<LayerSpec, { type: Type }>;

function filters({ kernelSize }: Of<'conv2d'>, index: number): Column {
  return {
    kind: 'filters',
    layer: index,
    convolution: index,
    title: 'Filters',
    note: `Small ${times(kernelSize)} patterns, learnt from chance: blue adds, orange takes away.`,
  };
}

function maps(_: Of<'conv2d'>, layer: number, convolution: number, isFirst: boolean): Column {
  return {
    kind: 'maps',
    layer,
    convolution,
    title: isFirst ? 'Maps' : 'Maps of maps',
    note: isFirst
      ? 'Each filter slides over the picture and answers where it finds its pattern.'
      : 'The next filters look at all maps before them at once.',
  };
}

function pooled({ poolSize }: Of<'maxPool2d'>, layer: number, convolution: number): Column {
  return {
    kind: 'pooled',
    layer,
    convolution,
    title: 'Pooled',
    note: `Of every ${times(poolSize)} pixels only the strongest goes on.`,
  };
}

function units({ units: many }: Of<'dense'>, layer: number, convolution: number): Column {
  return {
    kind: 'units',
    layer,
    convolution,
    title: 'Hidden',
    note: `${many} units, each a weighted sum of everything before it.`,
  };
}

/** The layer whose output is shown for `index`: the ReLU that follows, where one does. */
function outputAfter(layers: readonly LayerSpec[], index: number): number {
  return layers[index + 1]?.type === 'relu' ? index + 1 : index;
}

/** Whether a dense layer is the last one before the probabilities. */
function isAnswer(layers: readonly LayerSpec[], index: number): boolean {
  return layers.slice(index + 1).every(({ type }) => type === 'softmax');
}

/** `3 × 3` */
export function times(size: number | readonly [number, number]): string {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  return `${height} × ${width}`;
}
