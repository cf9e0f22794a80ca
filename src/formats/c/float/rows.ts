/** What each of our layers is in C, in single precision. @module */
import type { LayerSpec } from '../../../layers/registry.ts';
import * as activations from './activations.ts';
import { batchNorm } from './batchNorm.ts';
import * as convolutions from './convolutions.ts';
import { dense } from './dense.ts';
import * as merge from './merge.ts';
import * as moves from './moves.ts';
import * as normalizations from './normalizations.ts';
import * as pooling from './pooling.ts';
import { type AnyRow, view } from './row.ts';

const rows: { readonly [Spec in LayerSpec as Spec['type']]: AnyRow<Spec> } = {
  ...activations.rows,
  ...convolutions.rows,
  ...merge.rows,
  ...moves.rows,
  ...normalizations.rows,
  ...pooling.rows,
  batchNorm,
  dense,
  dropout: view, // as it is when nothing trains
  flatten: view,
  identity: view,
  reshape: view,
};

export function rowOf({ type }: LayerSpec): AnyRow<LayerSpec> {
  return rows[type] as AnyRow<LayerSpec>; // the row of its own type
}
