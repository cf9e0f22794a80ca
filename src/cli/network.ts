/** The network of a run: by name, from a JSON file, or from the file of its first weights. @module */
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { describe } from '../base/errors.ts';
import { nearest } from '../base/options.ts';
import type { Dataset } from '../base/types.ts';
import { namedModels } from '../compile/named.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { readSpecFile } from './fileKind.ts';
import type { InitialWeights } from './load.ts';
import { UsageError } from './options.ts';
import type { TrainOptions } from './run.ts';

/** The network for such images. */
export type SpecOf = (images: Pick<Dataset, 'shape' | 'classes'>) => ModelSpec;

/** The network that `--model` names, or otherwise the network of `--init`. */
export async function chooseNetwork(
  options: TrainOptions,
  command: Command,
  init: InitialWeights | undefined,
): Promise<{ options: TrainOptions; spec: SpecOf }> {
  const { spec: recipe } = options;
  const spec = recipe === undefined ? await readSpec(options.model) : () => recipe;
  const own = init?.spec;
  if (init === undefined || own === undefined) return { options, spec };
  if (command.getOptionValueSource('model') === 'default') {
    return { options: { ...options, model: init.file }, spec: () => own };
  }
  return {
    options,
    spec(images) {
      const named = spec(images);
      if (isDeepStrictEqual(named, own)) return named;
      throw new Error(
        `--init: expected weights of --model ${options.model}, got those of another network in ${init.file}. Leave one of them out.`,
      );
    },
  };
}

/** A spec by name, which adapts to the images, or a spec from a file. */
async function readSpec(name: string): Promise<SpecOf> {
  const named = Object.hasOwn(namedModels, name) ? namedModels[name] : undefined;
  if (named !== undefined) return ({ shape, classes }) => named(shape, classes);
  if (!name.endsWith('.json')) {
    const names = Object.keys(namedModels);
    throw new UsageError(
      `--model: expected ${names.join(', ')} or a .json file, got ${describe(name)}. ${nearest(name, names, 'Use one of these.')}`,
    );
  }
  const spec = await readSpecFile(name);
  return () => spec;
}
