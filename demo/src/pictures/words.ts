/** What layers are called on the page. A layer without words of its own is called by its type. @module */
import type { LayerSpec } from 'convlet';

export interface Words {
  /** Over a column. */
  readonly title: string;
  /** One sentence on what the reader sees. */
  readonly note: string;
  /** Of one picture of the column: `Map`. */
  readonly noun?: string;
}

type Of<Type extends LayerSpec['type']> = Extract<LayerSpec, { type: Type }>;

type Table = {
  readonly [Type in LayerSpec['type']]?: (layer: Of<Type>, isFirst: boolean) => Words;
};

const WORDS: Table = {
  conv2d: (_, isFirst) => ({
    title: isFirst ? 'Maps' : 'Maps of maps',
    note: isFirst
      ? 'Each filter slides over the picture and answers where it finds its pattern.'
      : 'The next filters look at all maps before them at once.',
  }),
  maxPool2d: ({ poolSize }) => ({
    title: 'Pooled',
    note: `Of every ${times(poolSize)} pixels only the strongest goes on.`,
    noun: 'Pooled map',
  }),
  globalAveragePool2d: () => ({
    title: 'Averages',
    note: 'Of every map one number goes on: its mean.',
  }),
  add: () => ({
    title: 'Sum',
    note: 'Here ways through the network come together, pixel by pixel.',
  }),
  dense: ({ units }) => ({
    title: 'Hidden',
    note: `${units} units, each a weighted sum of everything before it.`,
  }),
};

/** @param isFirst True if nothing of the kind comes before it. */
export function wordsOf(layer: LayerSpec, isFirst: boolean): Words {
  const own = WORDS[layer.type] as ((layer: LayerSpec, isFirst: boolean) => Words) | undefined;
  const { type, name } = layer;
  const called = name === undefined ? type : `${type} “${name}”`;
  const title = nameOf(layer);
  return (
    own?.(layer, isFirst) ?? {
      title: title.charAt(0).toUpperCase() + title.slice(1),
      note: `What ${called} makes of the numbers before it.`,
    }
  );
}

const NAMES: { readonly [Type in LayerSpec['type']]?: string } = {
  relu: 'ReLU',
  leakyRelu: 'leaky ReLU',
  batchNorm: 'normalised',
};

/** `ReLU`, `leaky ReLU`, `global average pool2d` */
export function nameOf({ type }: LayerSpec): string {
  return NAMES[type] ?? type.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** `3 × 3` */
export function times(size: number | readonly [number, number]): string {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  return `${height} × ${width}`;
}
