/**
 * Every layer as a pair of functions of tensors by its name, made from its definition:
 *
 *   one input           `upsample2d(x, options)`        `upsample2dBackward(dy, x, options)`
 *   several             `concat(xs)`                    `concatBackward(dy, xs)`
 *   with parameters     `conv2d(x, w, b, options)`      `conv2dBackward(dy, x, w, options)`
 *
 * The weights tell `filters`, `kernelSize`, `units` and `useBias`, so these are no options. No gradient depends on b, so backward
 * does not take it.
 * @module
 */
import { checkOptions, type OptionChecks } from '../base/options.ts';
import { checkTensor } from '../base/shape.ts';
import type { Tensor } from '../base/types.ts';
import * as activations from '../layers/activations.ts';
import * as layers from '../layers/index.ts';
import { definitionOf, type LayerSpec, type LayerType } from '../layers/registry.ts';
import type { LayerOps } from './layerOpTypes.ts';
import type { LayerRun, RunOptions, Tensors } from './layerRun.ts';
import { anyPair, anyShape } from './rows.ts';
import { type LayerOptions, runChecks, splitRunOptions } from './runOptions.ts';
import { type Weights, weightedLayers } from './weightedLayers.ts';

/** Prepares a layer to run; `where` begins the messages. */
export type RunLayer = (
  where: string,
  spec: LayerSpec,
  inputs: readonly Tensor[],
  parameters: Tensors,
  options: RunOptions,
  dy?: Tensor,
) => LayerRun;

/** No options of a function: where a layer stands, how it begins, whether it learns, and what its weights tell. */
const NO_OPTIONS =
  /^(name|inputs|kernelInitializer|biasInitializer|trainable|filters|kernelSize|units|useBias)$/;

/** A pair for every layer. */
export function layerOps(run: RunLayer): LayerOps {
  const pairs = (Object.keys(layers) as LayerType[]).map((type) => pairOf(type, run));
  return Object.assign({}, ...pairs);
}

function pairOf(type: LayerType, run: RunLayer): object {
  const definition = definitionOf({ type } as LayerSpec); // its options play no part in that
  const own = Object.entries(definition.options).filter(([name]) => !NO_OPTIONS.test(name));
  const checks = { ...Object.fromEntries(own), ...(definition.hasModes && runChecks) };
  const isSingle = definition.leastInputs === undefined;
  const isRowwise = type in activations || type === 'softmax'; // over the last axis of any tensor
  const weighted = weightedLayers[type];
  const names = Object.entries(weighted?.names ?? {});
  const letters = names.map(([letter]) => letter);

  /** What the arguments after dy say: `taken` are the letters of the tensors between x and the options. */
  const read = (where: string, x: unknown, given: readonly unknown[], taken: readonly string[]) => {
    const options = checkOptions(where, given[taken.length], checks as OptionChecks<LayerOptions>);
    const { settings, others } = splitRunOptions(options);
    const weights = Object.fromEntries(taken.map((letter, i) => [letter, given[i]])) as Given;
    if (weighted !== undefined) checkWeights(where, x, weights, weighted.rank);
    const told = weighted?.told?.(weights as unknown as Weights, x as Tensor, others); // just checked
    const spec = { type, ...told, ...others } as LayerSpec;
    return { spec, inputs: (isSingle ? [x] : x) as readonly Tensor[], weights, settings };
  };
  const parametersOf = (weights: Given) => {
    const entries = names.map(([letter, name]) => [name, weights[letter]] as const);
    return Object.fromEntries(entries.filter(([, tensor]) => tensor !== null)) as Tensors; // checked by what runs them
  };

  return {
    [type](x: Tensor, ...given: unknown[]) {
      const { spec, inputs, weights, settings } = read(type, x, given, letters);
      const forward = (xs: readonly Tensor[]) =>
        run(type, spec, xs, parametersOf(weights), settings).forward(settings.mode).y;
      return isRowwise ? anyShape(type, x, (rows) => forward([rows])) : forward(inputs);
    },

    [`${type}Backward`](dy: Tensor, x: Tensor, ...given: unknown[]) {
      const where = `${type}Backward`;
      const taken = letters.filter((letter) => letter !== 'b');
      const { spec, inputs, weights, settings } = read(where, x, given, taken);
      const all = { ...weights, b: zeroBias(spec, weights) };
      const backward = (g: Tensor, xs: readonly Tensor[]) =>
        run(where, spec, xs, parametersOf(all), settings, g).backward();
      if (isRowwise) return anyPair(where, dy, x, (g, rows) => backward(g, [rows]).dx[0] ?? g);
      checkTensor(`${where}: dy`, dy);
      const { dx, gradients } = backward(dy, inputs);
      if (weighted === undefined) return isSingle ? dx[0] : dx;
      const others = names.flatMap(([letter, name]) =>
        gradients[name] ? [[`d${letter}`, gradients[name]]] : [],
      );
      return { dx: dx[0], ...Object.fromEntries(others) };
    },
  };
}

/** Tensors by the letters of the formulas; null: none. */
type Given = Readonly<Record<string, Tensor | null>>;

/** Throws unless x and the weights are tensors. The others are checked by what runs them. */
function checkWeights(where: string, x: unknown, given: Given, rank: number): void {
  checkTensor(`${where}: x`, x as Tensor);
  for (const letter of ['v', 'w']) {
    if (letter in given) checkTensor(`${where}: ${letter}`, given[letter] as Tensor, rank);
  }
}

/** For a layer that has one. */
function zeroBias(spec: LayerSpec, { w }: Given): Tensor {
  const length = 'filters' in spec ? spec.filters : (w?.shape[0] ?? 0);
  return { shape: [length], data: new Float32Array(length) };
}
