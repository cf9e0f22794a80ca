/** blocks.residual: the layers that it gives, what their names refer to, and the numbers of a network made of it. */
import { blocks, createModel, type LayerSpec, layers, type ModelSpec } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();
const { add, conv2d, dense, globalAveragePool2d, relu, softmax } = layers;

const conv = (options: object = {}) =>
  conv2d({ filters: 2, kernelSize: 3, padding: 1, ...options });
const wires = (specs: readonly LayerSpec[]) =>
  specs.map(({ type, name, inputs }) => [type, name, inputs]);

describe('a residual block', () => {
  it('is its input, its layers, and the sum', () => {
    expect(wires(blocks.residual({ name: 'b', layers: [conv(), relu(), conv()] }))).toEqual([
      ['identity', 'b.input', undefined],
      ['conv2d', 'b.0', ['b.input']],
      ['relu', 'b.1', ['b.0']],
      ['conv2d', 'b.2', ['b.1']],
      ['add', 'b', ['b.2', 'b.input']],
    ]);
  });

  it('has a shortcut of its own if there are layers for it', () => {
    const shortcut = [conv({ kernelSize: 1, padding: 0 }), relu({ name: 'bent' })];
    expect(wires(blocks.residual({ name: 'b', layers: [conv()], shortcut })).slice(2)).toEqual([
      ['conv2d', 'b.shortcut.0', ['b.input']],
      ['relu', 'b.shortcut.bent', ['b.shortcut.0']],
      ['add', 'b', ['b.0', 'b.shortcut.bent']],
    ]);
    const empty = blocks.residual({ name: 'b', layers: [conv()], shortcut: [] });
    expect(empty.at(-1)).toEqual({ type: 'add', name: 'b', inputs: ['b.0', 'b.input'] });
  });

  it('keeps the options of its layers', () => {
    const [, first] = blocks.residual({ name: 'b', layers: [conv({ trainable: false })] });
    expect(first).toEqual({
      type: 'conv2d',
      filters: 2,
      kernelSize: 3,
      padding: 1,
      trainable: false,
      name: 'b.0',
      inputs: ['b.input'],
    });
  });

  it('looks inside the block first for the names of inputs, among those given before', () => {
    const specs = blocks.residual({
      name: 'b',
      layers: [
        conv({ name: 'a', inputs: ['input'] }),
        relu({ inputs: ['outer'] }),
        add({ inputs: ['a', '1', 'outer'] }),
        add({ inputs: ['later', 'a'] }),
        conv({ name: 'later' }),
      ],
      shortcut: [conv({ name: 'a' }), add({ inputs: ['a', 'later', 'input', 'shortcut.a', '0'] })],
    });
    expect(wires(specs)).toEqual([
      ['identity', 'b.input', undefined],
      ['conv2d', 'b.a', ['b.input']],
      ['relu', 'b.1', ['outer']],
      ['add', 'b.2', ['b.a', 'b.1', 'outer']],
      ['add', 'b.3', ['later', 'b.a']],
      ['conv2d', 'b.later', ['b.3']],
      ['conv2d', 'b.shortcut.a', ['b.input']],
      ['add', 'b.shortcut.1', ['b.shortcut.a', 'b.later', 'b.input', 'b.shortcut.a', '0']],
      ['add', 'b', ['b.later', 'b.shortcut.1']],
    ]);
  });

  it('may hold another', () => {
    const inner = blocks.residual({ name: 'in', layers: [conv()] });
    expect(wires(blocks.residual({ name: 'out', layers: [relu(), ...inner] }))).toEqual([
      ['identity', 'out.input', undefined],
      ['relu', 'out.0', ['out.input']],
      ['identity', 'out.in.input', ['out.0']],
      ['conv2d', 'out.in.0', ['out.in.input']],
      ['add', 'out.in', ['out.in.0', 'out.in.input']],
      ['add', 'out', ['out.in', 'out.input']],
    ]);
  });

  it.each<[unknown, string]>([
    [undefined, 'blocks.residual: expected the option name, got none.'],
    [{ name: 'b' }, 'blocks.residual: expected the option layers, got none.'],
    [{ name: 'b', layers: [] }, 'expected layers to be a list of at least one layer, got [].'],
    [{ name: 'b', layers: conv() }, 'expected layers to be a list of layers, got an object.'],
    [{ name: 'b', layers: [conv()], shortcut: 'none' }, 'expected shortcut to be a list of layers'],
    [{ name: '1b', layers: [conv()] }, 'expected name to begin with a letter or _'],
    [{ name: 'b', layers: [conv()], skip: [] }, 'got "skip".'],
    [
      { name: 'b', layers: [conv(), { type: 'relu', slope: 1 }] },
      'blocks.residual: layers[1] relu: expected options of name, inputs, got "slope".',
    ],
    [
      { name: 'b', layers: [conv()], shortcut: [7] },
      'blocks.residual: shortcut[0]: expected a layer',
    ],
  ])('case %#: refuses what does not fit', (options, message) => {
    const residual = blocks.residual as (options: unknown) => unknown;
    expect(() => residual(options)).toThrow(message);
  });
});

describe('a network of blocks', () => {
  const head = [relu(), globalAveragePool2d(), dense({ units: 10 }), softmax()];
  const down = { filters: 5, strides: 2 };
  const byBlocks: ModelSpec = {
    inputShape: [1, 12, 12],
    layers: [
      conv(),
      ...blocks.residual({ name: 'one', layers: [conv(), relu(), conv()] }),
      relu(),
      ...blocks.residual({
        name: 'two',
        layers: [conv({ ...down, name: 'down' }), relu(), conv({ filters: 5 })],
        shortcut: [conv({ ...down, kernelSize: 1, padding: 0 })],
      }),
      ...head,
    ],
  };
  const byHand: ModelSpec = {
    inputShape: [1, 12, 12],
    layers: [
      conv({ name: 'x0' }),
      conv(),
      relu(),
      conv({ name: 'y0' }),
      add({ inputs: ['y0', 'x0'] }),
      relu({ name: 'x1' }),
      conv(down),
      relu(),
      conv({ name: 'y1', filters: 5 }),
      conv({ ...down, kernelSize: 1, padding: 0, name: 's1', inputs: ['x1'] }),
      add({ inputs: ['y1', 's1'] }),
      ...head,
    ],
  };

  it('has its parameters under the names of the blocks', () => {
    const names = [...createModel(backend(), byBlocks).weights().keys()];
    expect(names.filter((name) => name.endsWith('weight'))).toEqual([
      '0.weight',
      'one.0.weight',
      'one.2.weight',
      'two.down.weight',
      'two.2.weight',
      'two.shortcut.0.weight',
      '15.weight',
    ]);
  });

  it('trains as the same network by hand, to the same losses', async () => {
    const [blocky, plain] = [byBlocks, byHand].map((spec) => createModel(backend(), spec));
    if (blocky === undefined || plain === undefined) throw new Error('internal: two models');
    const tensors = [...blocky.weights().values()];
    const names = [...plain.weights().keys()];
    expect(names).toHaveLength(tensors.length);
    plain.setWeights(new Map(tensors.map((tensor, i) => [names[i] ?? '', tensor])));
    const losses = [];
    for (const model of [blocky, plain]) {
      const { epochs } = await model.fit(strokes(120), { epochs: 3, batchSize: 16 });
      losses.push(epochs.map(({ loss }) => loss));
    }
    expect(losses[0]).toHaveLength(3);
    expect(losses[1]).toEqual(losses[0]);
  });
});
