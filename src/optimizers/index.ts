/** The optimizers there are, by the `type` their specs carry. @module */
import type { OptimizerDefinition } from './optimizer.ts';
import { type SgdSpec, sgd, sgdOptimizer } from './sgd.ts';

/** An optimizer and its options: plain JSON. */
export type OptimizerSpec = SgdSpec;

const definitions: {
  readonly [Spec in OptimizerSpec as Spec['type']]: OptimizerDefinition<Spec>;
} = { sgd: sgdOptimizer };

/** The definition behind a spec, its options checked. */
export function optimizerOf(spec: OptimizerSpec): OptimizerDefinition<OptimizerSpec> {
  const definition = definitions[spec?.type];
  if (definition === undefined) {
    throw new TypeError(
      `fit: expected an optimizer (${Object.keys(definitions).join(', ')}), got ${JSON.stringify(spec)}. Use optimizers.sgd({ learningRate: 0.01 }).`,
    );
  }
  definition.check(spec);
  return definition;
}

/** Factories, as users write them: `optimizers.sgd({ learningRate: 0.01 })`. */
export const optimizers: { readonly sgd: typeof sgd } = { sgd };
