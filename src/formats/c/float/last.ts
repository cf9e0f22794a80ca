/** A last layer in single precision behind layers in another arithmetic. @module */
import type { LayerSpec } from '../../../layers/registry.ts';
import type { Call } from '../program.ts';
import type { CLayer } from './row.ts';
import { rowOf } from './rows.ts';

/** The calls that take `output`, `length` numbers, through a layer without parameters that may run in place. */
export function lastCalls(spec: LayerSpec, length: number): readonly Call[] {
  const row = rowOf(spec);
  if (typeof row !== 'object') throw new Error(`internal: ${spec.type} is not in place`);
  const layer = { spec, y: 'output', xs: ['output'], output: [length] } as const;
  return row.inPlace(layer as unknown as CLayer<LayerSpec>); // it needs no more
}
