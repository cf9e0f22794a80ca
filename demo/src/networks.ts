/**
 * The networks that the page offers: those with a name, those put together from a few choices, and any other as JSON.
 * All three are one short text, which the address of the page carries.
 * @module
 */
import { type LayerSpec, layers, type ModelSpec, namedModels, type Shape } from 'convlet';

/** One or two convolutions, each followed by ReLU and pooling, and perhaps a hidden layer. */
export interface Choices {
  readonly filters: number;
  readonly kernelSize: number;
  /** 0: no second convolution. */
  readonly secondFilters: number;
  /** 0: no hidden layer. */
  readonly hiddenUnits: number;
  /** Share of what the last layer reads that is left out by chance, in per cent. 0: no dropout. */
  readonly dropout: number;
}

export const DEFAULT_CHOICES: Choices = {
  filters: 12,
  kernelSize: 3,
  secondFilters: 0,
  hiddenUnits: 0,
  dropout: 0,
};

const PATTERN = /^conv(\d+)x(\d+)(?:-conv(\d+))?(?:-dense(\d+))?(?:-dropout(\d+))?$/;

/** `conv12x3-conv16-dense64-dropout50` */
export function formatChoices(choices: Choices): string {
  const { filters, kernelSize, secondFilters, hiddenUnits, dropout } = choices;
  const second = secondFilters > 0 ? `-conv${secondFilters}` : '';
  const hidden = hiddenUnits > 0 ? `-dense${hiddenUnits}` : '';
  const left = dropout > 0 ? `-dropout${dropout}` : '';
  return `conv${filters}x${kernelSize}${second}${hidden}${left}`;
}

/** The choices behind a text, or undefined where it is another kind of network. */
export function parseChoices(text: string): Choices | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [filters = 0, kernelSize = 0, secondFilters = 0, hiddenUnits = 0, dropout = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  return { filters, kernelSize, secondFilters, hiddenUnits, dropout };
}

/**
 * The spec of a network.
 * @param text A name (`reference`, `resnet8`), choices (`conv12x3-dense64`), or JSON.
 * @throws {Error} where it is none of them. What is inside JSON, the model itself checks.
 */
export function networkOf(text: string, shape: Shape, classes: number): ModelSpec {
  if (Object.hasOwn(namedModels, text)) {
    const build = namedModels[text];
    if (build !== undefined) return build(shape, classes);
  }
  const choices = parseChoices(text);
  if (choices !== undefined) return build(choices, shape, classes);
  try {
    return JSON.parse(text) as ModelSpec;
  } catch (cause) {
    throw new Error(
      `network: expected a name, a text like conv12x3-dense64, or JSON, got ${text.slice(0, 40)}.`,
      { cause },
    );
  }
}

function build(choices: Choices, inputShape: Shape, classes: number): ModelSpec {
  const { filters, kernelSize, secondFilters, hiddenUnits, dropout } = choices;
  const list: LayerSpec[] = [
    layers.conv2d({ filters, kernelSize }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
  ];
  if (secondFilters > 0) {
    list.push(
      layers.conv2d({ filters: secondFilters, kernelSize: 3 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
    );
  }
  list.push(layers.flatten());
  if (hiddenUnits > 0) list.push(layers.dense({ units: hiddenUnits }), layers.relu());
  if (dropout > 0) list.push(layers.dropout({ rate: dropout / 100 }));
  list.push(layers.dense({ units: classes }), layers.softmax());
  return { inputShape, layers: list };
}

/** The shortest text for a network: its name where it has one, JSON otherwise. */
export function textOf(spec: ModelSpec, shape: Shape, classes: number): string {
  const json = JSON.stringify(spec);
  const names = Object.entries(namedModels);
  const named = names.find(([, build]) => JSON.stringify(build(shape, classes)) === json);
  return named?.[0] ?? json;
}
