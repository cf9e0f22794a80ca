/**
 * Blocks: several layers at once, as a list to spread into those of a model. A block is no layer of its own; its layers get
 * names that begin with the name of the block, and read one another by these names, so that it works anywhere in a spec.
 * @module
 */
import { wrongKind } from '../base/checks.ts';
import { checkOptions, type OptionCheck, required } from '../base/options.ts';
import { layerNameCheck } from './factory.ts';
import { add, identity } from './index.ts';
import { type LayerSpec, readLayer } from './registry.ts';

/** A block of layers whose input is added to their output. */
export interface ResidualOptions {
  /** Name of the sum, the output of the block; the names of all its layers begin with it. */
  readonly name: string;
  /** The layers of the block, at least one: each reads the one before it, or those that its `inputs` name. */
  readonly layers: readonly LayerSpec[];
  /** The layers of the shortcut. @default none: the input of the block itself */
  readonly shortcut?: readonly LayerSpec[];
}

const list: OptionCheck = (where, name, value) => {
  if (!Array.isArray(value)) throw wrongKind(where, name, 'a list of layers', value);
};

const someLayers: OptionCheck = (where, name, value) => {
  list(where, name, value);
  if (Array.isArray(value) && value.length > 0) return;
  throw new RangeError(
    `${where}: expected ${name} to be a list of at least one layer, got []. Use layers.`,
  );
};

/**
 * A residual block, `y = layers(x) + shortcut(x)`: `[...blocks.residual({ name: 'block1', layers: [...] })]` (He, Zhang, Ren & Sun,
 * "Deep residual learning for image recognition", 2016). Both must give one shape.
 *
 *   NAME.input           identity: x, the output of the layer before the block
 *   NAME.0 …             the layers; `NAME.OWN` for a layer with a name of its own
 *   NAME.shortcut.0 …    the layers of the shortcut, or `NAME.shortcut.OWN`
 *   NAME                 add
 *
 * Names among the `inputs` of a layer are first looked up in the block, without the beginning `NAME.`, among the layers before this
 * one: `'input'` is x, `'0'` the first layer. Then they are names of the model. A shortcut first looks among its own.
 * @returns the specs, in the order in which they run.
 * @throws {TypeError | RangeError} if an option or a layer is not what it should be.
 */
export function residual(options: ResidualOptions): LayerSpec[] {
  const where = 'blocks.residual';
  const checks = { name: required(layerNameCheck), layers: required(someLayers), shortcut: list };
  const { name, layers, shortcut = [] } = checkOptions<ResidualOptions>(where, options, checks);
  const input = `${name}.input`;
  const body = chain(`${where}: layers`, layers, [`${name}.`], [input]);
  const inside = [input, ...body.names];
  const scopes = [`${name}.shortcut.`, `${name}.`];
  const way = chain(`${where}: shortcut`, shortcut, scopes, inside);
  const ends = [body, way].map(({ names }) => names.at(-1) ?? input);
  return [identity({ name: input }), ...body.specs, ...way.specs, add({ name, inputs: ends })];
}

/**
 * Layers that read one another.
 * @param scopes What names of the block begin with, in the order of the search; those of these layers begin with the first.
 * @param inside Names of the block so far, that of its input first.
 */
function chain(
  where: string,
  layers: readonly LayerSpec[],
  scopes: readonly string[],
  inside: readonly string[],
): { readonly specs: readonly LayerSpec[]; readonly names: readonly string[] } {
  const names: string[] = [];
  const specs = layers.map((given, index) => {
    const spec = readLayer(`${where}[${index}]`, given);
    const known = [...inside, ...names];
    const resolve = (name: string) =>
      scopes.map((scope) => scope + name).find((full) => known.includes(full)) ?? name;
    const inputs = spec.inputs?.map(resolve) ?? [names.at(-1) ?? inside[0] ?? ''];
    const name = `${scopes[0] ?? ''}${spec.name ?? index}`;
    names.push(name);
    return { ...spec, name, inputs };
  });
  return { specs, names };
}
