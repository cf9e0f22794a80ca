/**
 * A model as plain JSON: what a file holds, what the command line reads, what is posted to a worker.
 *
 * Layers stand in the order in which they run. A layer reads the one before it, or those that its `inputs` name. Here are
 * the checks that need no sizes; the rules about sizes are the layers' own, asked in network.ts.
 * @module
 */
import { checkRecord } from '../base/checks.ts';
import { describe } from '../base/errors.ts';
import { unknownOption } from '../base/options.ts';
import { checkShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { definitionOf, type LayerSpec, readLayer } from '../layers/registry.ts';
import { type Normalization, readNormalization } from './normalization.ts';

/** A network as plain JSON: what it reads, and its layers in order. */
export interface ModelSpec {
  /** `[C, H, W]` of one image. */
  readonly inputShape: Shape;
  /** What happens to pixels before the first layer; they are taken as they are by default, bytes as pixel / 255. */
  readonly normalize?: Normalization;
  readonly layers: readonly LayerSpec[];
}

/** Name of the image among the inputs of a layer. */
const INPUT = 'input';

const FIELDS: readonly string[] = ['inputShape', 'normalize', 'layers'];

/** A layer's index, name and type, for messages: `layers[2] maxPool2d`, `layers[7] add "block1"`. */
export function layerName(index: number, { type, name }: LayerSpec): string {
  return `layers[${index}] ${type}${name === undefined ? '' : ` "${name}"`}`;
}

/**
 * Takes any value for a model, or says what is wrong with it.
 * @returns a copy of its own that nobody can change.
 * @throws {TypeError | RangeError} if something is missing, unknown, of another kind or value, or out of place.
 */
export function checkSpec(spec: unknown): ModelSpec {
  const { inputShape, normalize, layers: list, ...rest } = checkRecord('model', spec);
  const [unknown] = Object.keys(rest).filter((name) => rest[name] !== undefined);
  if (unknown !== undefined) throw unknownOption('model', unknown, FIELDS);
  checkShape('model: inputShape', inputShape, 3);
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(
      `model: expected a list of layers, got ${describe(list)}. Use at least one.`,
    );
  }
  const layers = Array.from(list, (layer, index) => readLayer(`layers[${index}]`, layer)); // holes too
  const inputs = inputsOf(layers);
  const read = new Set(inputs.flat());
  for (const [index, layer] of layers.slice(0, -1).entries()) {
    if (read.has(index + 1)) continue;
    throw new TypeError(
      `${layerName(index, layer)}: expected a layer that reads its output, got none. Name it among the inputs of one, or leave it out.`,
    );
  }
  const shape = inputShape as Shape; // as checkShape has seen
  const normalization = normalize !== undefined && {
    normalize: readNormalization('model: normalize', normalize, shape[0] ?? 1),
  };
  return frozenCopy({ inputShape: shape, ...normalization, layers });
}

/**
 * What each layer reads: values by number, 0 the image and i + 1 the output of layer i.
 * @throws {TypeError | RangeError} on a name that is given twice or read before it is given, or a wrong number of inputs.
 */
export function inputsOf(layers: readonly LayerSpec[]): readonly (readonly number[])[] {
  const values = new Map([[INPUT, 0]]);
  return layers.map((layer, index) => {
    const where = layerName(index, layer);
    const read = (name: string) => {
      const value = values.get(name);
      if (value !== undefined) return value;
      throw new RangeError(
        `${where}: expected inputs that were named before (${[...values.keys()].join(', ')}), got ${describe(name)}. Give this name to a layer before it.`,
      );
    };
    const inputs = layer.inputs?.map(read) ?? [index];
    checkInputCount(where, inputs.length, definitionOf(layer), ', by name');
    if (layer.name !== undefined) {
      if (values.has(layer.name)) {
        throw new RangeError(
          `${where}: expected a name of its own, got one that was given before. Use another.`,
        );
      }
      values.set(layer.name, index + 1);
    }
    return inputs;
  });
}

/** Throws unless a layer may have so many inputs. @param how Says in the message how they are given. */
export function checkInputCount(
  where: string,
  count: number,
  { leastInputs }: { readonly leastInputs?: number },
  how = '',
): void {
  if (leastInputs === undefined ? count === 1 : count >= leastInputs) return;
  const [expected, advice] =
    leastInputs === undefined
      ? ['one input', 'Use one.']
      : [`at least ${leastInputs} inputs${how}`, "Use inputs: ['a', 'b']."];
  throw new TypeError(`${where}: expected ${expected}, got ${count}. ${advice}`);
}

/** JSON in which the order of the keys does not show: equal texts, equal specs. */
export function canonicalJson(spec: unknown): string {
  return JSON.stringify(spec, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** A copy of plain JSON that nobody can change; also of what stands behind proxies, which frameworks put before state. */
export function frozenCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const copy: unknown = Array.isArray(value)
    ? value.map(frozenCopy)
    : Object.fromEntries(Object.entries(value).map(([name, part]) => [name, frozenCopy(part)]));
  return Object.freeze(copy) as T; // of the same form
}
