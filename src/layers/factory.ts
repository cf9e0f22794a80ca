/** The factories of layers: specs as plain JSON, and the definitions behind them. @module */
import { checkText, wrongKind } from '../base/checks.ts';
import { describe } from '../base/errors.ts';
import type { OptionCheck } from '../base/options.ts';
import { type Definition, type Factory, factoryOf, type Typed } from '../base/spec.ts';
import type { LayerDefinition, Placement } from './layer.ts';

/** A definition that knows where its layer may stand, too. */
export type PlacedDefinition<Spec> = LayerDefinition<Spec> & Definition<Spec>;

/** Makes specs of one type of layer. */
export type LayerFactory<Spec> = Factory<Spec, Omit<Spec, 'type'>, PlacedDefinition<Spec>>;

/** Letters, digits, `_`, `.` and `-`, the first a letter or `_`. */
const NAME = /^[A-Za-z_][\w.-]*$/;

/** The option `name` of a layer. */
export const layerNameCheck: OptionCheck = (where, option, value) => {
  checkText(where, option, value);
  if (NAME.test(value) && value !== 'input') return;
  throw new RangeError(
    `${where}: expected ${option} to begin with a letter or _ and to go on with letters, digits, _ . or -, and not to be 'input', got ${describe(value)}. Use a name such as block1.`,
  );
};

const inputs: OptionCheck = (where, option, value) => {
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    [...value].every((item) => typeof item === 'string')
  )
    return;
  throw wrongKind(where, option, 'a list of names of layers', value);
};

const placement = { name: layerNameCheck, inputs } satisfies Record<keyof Placement, OptionCheck>;

/** The factory of a layer. */
export function layer<Spec extends Typed & Placement>(
  definition: LayerDefinition<Spec>,
): LayerFactory<Spec> {
  const options = { ...definition.options, ...placement };
  return factoryOf('layers', { ...definition, options } as PlacedDefinition<Spec>);
}
