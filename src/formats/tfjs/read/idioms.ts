/**
 * What encode.ts writes as several layers, since TensorFlow.js has no layer for it, and is one here: a group normalisation, and
 * `hardSigmoid` and `hardSwish`, which Keras 2 means otherwise. The last of such layers becomes the one; the others
 * are then read by nobody.
 * @module
 */
import type { KerasNode } from './graph.ts';

/** A layer with those before it as one, or the layer itself. @param before The layers so far, by name. */
export function idiomOf(node: KerasNode, before: ReadonlyMap<string, KerasNode>): KerasNode {
  const [first = '', second = ''] = node.inputs;
  const source = before.get(first);
  const origin = before.get(source?.inputs[0] ?? '');
  if (
    node.type === 'Reshape' &&
    source?.type === 'LayerNormalization' &&
    origin?.type === 'Reshape'
  ) {
    const target = origin.config.target_shape;
    const isGroups = Array.isArray(target) && target.length === 3;
    const { axis, epsilon, center, scale } = source.config;
    if (isGroups && isGroupAxes(axis) && center === false && scale === false) {
      const config = { groups: target[1] as unknown, epsilon, center, scale, axis: -1 };
      return { ...node, type: 'GroupNormalization', config, inputs: origin.inputs };
    }
  }
  if (isRescaling(node, 1 / 6, 0) && source?.type === 'ReLU' && source.config.max_value === 6) {
    if (isRescaling(origin, 1, 3)) {
      return { ...node, type: 'convlet.HardSigmoid', config: {}, inputs: origin?.inputs ?? [] };
    }
  }
  if (node.type === 'Multiply' && node.inputs.length === 2) {
    for (const [x, gate] of [
      [first, second],
      [second, first],
    ] as const) {
      const sigmoid = before.get(gate);
      if (sigmoid?.type === 'convlet.HardSigmoid' && sigmoid.inputs[0] === x) {
        return { ...node, type: 'convlet.HardSwish', config: {}, inputs: [x] };
      }
    }
  }
  return node;
}

function isGroupAxes(axis: unknown): boolean {
  return Array.isArray(axis) && axis.length === 2 && axis[0] === 1 && axis[1] === 3;
}

function isRescaling(node: KerasNode | undefined, scale: number, offset: number): boolean {
  return node?.type === 'Rescaling' && node.config.scale === scale && node.config.offset === offset;
}
