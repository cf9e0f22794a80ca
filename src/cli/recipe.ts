/** `--recipe`: a network and the options that train it, by a name or from a file; and the recipe that a run used. @module */
import type { Command } from 'commander';
import { describe } from '../base/errors.ts';
import { anything, checkOptions, nearest, type OptionChecks } from '../base/options.ts';
import { namedModels } from '../compile/named.ts';
import { checkSpec, type ModelSpec } from '../compile/spec.ts';
import { inFile, parseJson } from '../formats/convlet/content.ts';
import { fitChecks } from '../model/fitOptions.ts';
import { checkOptimizer } from '../model/rate.ts';
import { RECIPE_OPTIONS, type Recipe, recipes } from '../model/recipes.ts';
import { MOST_TEXT_BYTES, readInput } from '../node/files.ts';
import type { OptimizerSpec } from '../optimizers/registry.ts';
import { takeFirstRate } from './firstRate.ts';
import { asUsage, UsageError } from './options.ts';
import type { Run, TrainOptions } from './run.ts';

type Fields = Readonly<Record<string, unknown>>;

const checks = {
  model: anything, // the network checks it
  ...Object.fromEntries(RECIPE_OPTIONS.map((name) => [name, fitChecks[name]])),
} as OptionChecks<Recipe>;

/**
 * The options of the command line, and those of its recipe for what it does not name. An option replaces what the recipe
 * says of the same; `--optimizer` and `--loss` replace it whole.
 * @throws {UsageError} if there is no such recipe, or the checkpoint that is resumed has its own.
 */
export async function applyRecipe(given: TrainOptions, command: Command): Promise<TrainOptions> {
  const { recipe: name } = given;
  if (name === undefined) return given;
  if (given.resume !== undefined) {
    throw new UsageError(
      `--recipe: expected none with --resume, whose checkpoint keeps its own, got ${name}. Leave one of them out.`,
    );
  }
  const isGiven = (option: string) => command.getOptionValueSource(option) === 'cli';
  const flags = flagsOf(name, await readRecipe(name), isGiven);
  const { schedule } = given;
  const hasRate = schedule !== undefined && takeFirstRate({ ...schedule })[0] !== undefined;
  for (const [option, value] of Object.entries(flags)) {
    if (option === 'learningRate' && hasRate) continue; // that of the schedule on the line
    if (!isGiven(option)) command.setOptionValueWithSource(option, value, 'config');
  }
  return command.opts<TrainOptions>();
}

async function readRecipe(name: string): Promise<Recipe> {
  const named = Object.hasOwn(recipes, name) ? recipes[name] : undefined;
  if (named !== undefined) return named;
  if (!name.endsWith('.json')) {
    throw new UsageError(
      `--recipe: expected ${Object.keys(recipes).join(', ')} or a .json file, got ${describe(name)}. ${nearest(name, Object.keys(recipes), 'Use one of these.')}`,
    );
  }
  const text = new TextDecoder().decode(await readInput(name, { most: MOST_TEXT_BYTES }));
  const fields = parseJson(text, 'a recipe as JSON', name);
  return asUsage(() => checkOptions(`--recipe: ${name}`, fields, checks));
}

/** A recipe in the terms of the command line. */
function flagsOf(name: string, recipe: Recipe, isGiven: (option: string) => boolean): Fields {
  const { model, optimizer, loss, ...others } = recipe;
  return {
    ...others,
    ...(model !== undefined && !isGiven('model') && networkFlags(name, model)),
    ...(optimizer !== undefined &&
      !isGiven('optimizer') &&
      updateFlags(checkOptimizer(name, optimizer))),
    ...(loss !== undefined && { loss: typeof loss === 'string' ? { type: loss } : loss }),
  };
}

function networkFlags(name: string, model: string | ModelSpec): Fields {
  if (typeof model === 'string') return { model };
  return { model: name, spec: inFile(name, () => checkSpec(model)) };
}

/** The learning rate apart, so that `--learning-rate` can replace it under the same schedule. */
function updateFlags({ learningRate, ...optimizer }: OptimizerSpec): Fields {
  if (typeof learningRate !== 'object') return { optimizer, learningRate };
  const [rate, schedule] = takeFirstRate({ ...learningRate });
  return { optimizer, learningRate: rate, schedule };
}

/** The recipe that a run used, as `--recipe` reads it. */
export function recipeJson({ options, model, settings }: Run): string {
  const isNamed = Object.hasOwn(namedModels, options.model);
  const fit = RECIPE_OPTIONS.map((name) => [name, settings[name]]);
  const recipe = { model: isNamed ? options.model : model.spec, ...Object.fromEntries(fit) };
  return `${JSON.stringify(recipe, null, 2)}\n`;
}
