/** A spec becomes shapes and parameters; the errors name the layer that does not fit. */
import { describe, expect, it } from 'vitest';
import type { Shape } from '../../src/base/types.ts';
import { namedModels } from '../../src/compile/named.ts';
import { inferNetwork } from '../../src/compile/network.ts';
import { checkSpec } from '../../src/compile/spec.ts';
import * as layers from '../../src/layers/index.ts';

const reference = namedModels.reference([1, 28, 28], 10);
const lenet5 = namedModels.lenet5([1, 28, 28], 10);

function shapes(spec: unknown): Shape[] {
  return inferNetwork(checkSpec(spec)).layers.map(({ output }) => output);
}

describe('the reference network', () => {
  const network = inferNetwork(checkSpec(reference));

  it('has the shapes of the thesis', () => {
    expect(shapes(reference)).toEqual([
      [12, 26, 26],
      [12, 26, 26],
      [12, 13, 13],
      [2028],
      [10],
      [10],
    ]);
  });

  it('has 20,410 parameters in one block without gaps, in layer order, weight before bias', () => {
    expect(network.trainedCount).toBe(20_410);
    expect(network.blockLength).toBe(20_410);
    const parameters = network.layers.flatMap((layer) => layer.parameters);
    expect(parameters.map(({ key, shape, offset }) => [key, shape, offset])).toEqual([
      ['0.weight', [12, 1, 3, 3], 0],
      ['0.bias', [12], 108],
      ['4.weight', [10, 2028], 120],
      ['4.bias', [10], 20_400],
    ]);
    const normal = (fanIn: number) => ({ normal: Math.sqrt(2 / fanIn) });
    const zero = { constant: 0 };
    expect(parameters.map(({ initial }) => initial)).toEqual([normal(9), zero, normal(2028), zero]);
  });
});

it('lenet5 has 61,706 parameters', () => {
  expect(inferNetwork(checkSpec(lenet5)).trainedCount).toBe(61_706);
  expect(shapes(lenet5).at(-1)).toEqual([10]);
});

it('a spec survives JSON', () => {
  const spec = {
    inputShape: [3, 9, 7],
    layers: [layers.conv2d({ filters: 4, kernelSize: [3, 2], padding: 'same', strides: 2 })],
  };
  expect(checkSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
});

describe('shape rules', () => {
  const conv = (options: object) =>
    shapes({ inputShape: [4, 9, 7], layers: [{ type: 'conv2d', filters: 6, ...options }] })[0];
  const pool = (options: object) =>
    shapes({ inputShape: [2, 9, 7], layers: [{ type: 'maxPool2d', ...options }] })[0];

  it.each([
    [{ kernelSize: 3 }, [6, 7, 5]],
    [{ kernelSize: [3, 1] }, [6, 7, 7]],
    [{ kernelSize: 3, padding: 'same' }, [6, 9, 7]],
    [{ kernelSize: 3, padding: 'same', strides: 2 }, [6, 5, 4]],
    [{ kernelSize: 2, padding: 'same', strides: [3, 2] }, [6, 3, 4]],
    [{ kernelSize: 3, padding: 1, strides: 2 }, [6, 5, 4]],
    [{ kernelSize: 3, padding: [0, 2] }, [6, 7, 9]],
    [{ kernelSize: 3, padding: [1, 2, 3, 4] }, [6, 11, 11]],
    [{ kernelSize: 3, dilation: [3, 2] }, [6, 3, 3]],
    [{ kernelSize: 1, groups: 2 }, [6, 9, 7]],
  ])('conv2d turns %j into %j', (options, expected) => {
    expect(conv(options)).toEqual(expected);
  });

  it.each([
    [{ poolSize: 2 }, [2, 4, 3]],
    [{ poolSize: 3, strides: 1 }, [2, 7, 5]],
    [{ poolSize: 3, strides: 2, padding: 1 }, [2, 5, 4]],
    [{ poolSize: 2, padding: 'same' }, [2, 5, 4]],
    [{ poolSize: 2, padding: [0, 0, 1, 1] }, [2, 5, 4]],
  ])('maxPool2d turns %j into %j', (options, expected) => {
    expect(pool(options)).toEqual(expected);
  });
});

describe('a layer that does not fit is refused by name', () => {
  const wrong =
    (layer: object, inputShape: unknown = [1, 8, 8]) =>
    () =>
      inferNetwork(checkSpec({ inputShape, layers: [layer] }));

  it.each([
    [
      wrong({ type: 'conv2d', filters: 2, kernelSize: 9 }),
      'layers[0] conv2d: expected a kernel no larger than its image, got 9×9 on 8×8. Use a smaller kernel or more padding.',
    ],
    [wrong({ type: 'conv2d', filters: 2, kernelSize: 5, dilation: 2 }), 'got 9×9 on 8×8'],
    [
      wrong({ type: 'conv2d', filters: 0, kernelSize: 3 }),
      'expected filters to be a whole number from 1',
    ],
    [wrong({ type: 'conv2d', filters: 2.5, kernelSize: 3 }), 'got 2.5'],
    [
      wrong({ type: 'conv2d', filters: 2, kernelSize: '3' }),
      'expected kernelSize to be a number, got "3".',
    ],
    [
      wrong({ type: 'conv2d', filters: 2, kernelSize: [3, 3, 3] }),
      'expected kernelSize to be a number or [height, width], got [3, 3, 3].',
    ],
    [
      wrong({ type: 'conv2d', filters: 2, kernelSize: 3, strides: 0 }),
      'expected strides to be a whole number from 1',
    ],
    [wrong({ type: 'conv2d', filters: 2, kernelSize: 3, padding: 'full' }), 'got "full".'],
    [
      wrong({ type: 'conv2d', filters: 2, kernelSize: 3, padding: -1 }),
      'expected padding to be a whole number from 0',
    ],
    [
      wrong({ type: 'conv2d', filters: 3, kernelSize: 3, groups: 2 }, [4, 8, 8]),
      'expected groups to divide 4 input channels and 3 filters, got 2.',
    ],
    [
      wrong({ type: 'conv2d', filters: 2, kernelSize: 3, stride: 2 }),
      'layers[0] conv2d: expected options of filters, kernelSize, strides, padding, dilation, groups, useBias, kernelInitializer, biasInitializer, trainable, name, inputs, got "stride". Use strides.',
    ],
    [
      wrong({ type: 'maxPool2d', poolSize: 3, padding: 2 }),
      'layers[0] maxPool2d: expected padding <= poolSize / 2, got padding [2, 2, 2, 2] with pool size 3×3.',
    ],
    [wrong({ type: 'maxPool2d', poolSize: 9 }), 'got 9×9 on 8×8'],
    [
      wrong({ type: 'dense', units: 10 }),
      'layers[0] dense: expected one row of features an image, got 1×8×8. Put layers.flatten() before it.',
    ],
    [wrong({ type: 'softmax' }), 'layers[0] softmax: expected one row of features'],
    [wrong({ type: 'attention' }), 'layers[0]: expected a layer of type '],
    [wrong({ type: 'relu' }, [8, 8]), 'model: inputShape: expected a list of 3 sizes, got [8, 8].'],
    [wrong({ type: 'relu' }, [1, 0, 8]), 'expected size 1 to be a whole number from 1'],
    [wrong({ type: 'relu' }, [1, Number.NaN, 8]), 'got NaN'],
    [wrong({ type: 'relu' }, [65_536, 65_536, 8]), 'expected fewer than 2³¹ elements'],
    [
      () => checkSpec({ inputShape: [1, 8, 8], layers: [] }),
      'model: expected a list of layers, got [].',
    ],
    [() => checkSpec({ inputShape: [1, 8, 8], layers: [layers.relu()], name: 'x' }), 'got "name".'],
    [() => checkSpec(null), 'model: expected an object, got null.'],
  ])('refuses case %#', (act, message) => {
    expect(act).toThrow(message);
  });

  it('refuses two layers that have a parameter of one name', () => {
    const spec = {
      inputShape: [4, 8, 8],
      layers: [
        layers.separableConv2d({ name: 'a', filters: 4, kernelSize: 3 }),
        layers.depthwiseConv2d({ name: 'a.depthwise', kernelSize: 3 }),
      ],
    };
    expect(() => inferNetwork(checkSpec(spec))).toThrow(
      'layers[1] depthwiseConv2d "a.depthwise": expected parameters with names of their own, got a.depthwise.weight, which layers[0] separableConv2d "a" has. Give the layer another name.',
    );
  });

  it('names a layer that does not fit the shapes before it', () => {
    const spec = {
      inputShape: [1, 8, 8],
      layers: [layers.maxPool2d({ poolSize: 4 }), layers.conv2d({ filters: 1, kernelSize: 3 })],
    };
    expect(() => inferNetwork(checkSpec(spec))).toThrow(
      'layers[1] conv2d: expected a kernel no larger than its image, got 3×3 on 2×2.',
    );
  });
});
