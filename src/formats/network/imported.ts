/** What a file of another program becomes. @module */
import type { Tensor } from '../../base/types.ts';
import type { ModelSpec } from '../../compile/spec.ts';
import type { Origin } from '../../data/origin.ts';

/** A model of another program: what `createModel` and `setWeights` take, and `encodeModel`. */
export interface ImportedModel extends Origin {
  readonly spec: ModelSpec;
  readonly weights: Map<string, Tensor>;
}
