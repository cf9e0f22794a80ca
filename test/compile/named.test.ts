/** The networks with a name: their sizes, and that each learns. */
import { createModel, namedModels, optimizers } from 'convlet';
import { expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();

function named(name: string, ...of: Parameters<(typeof namedModels)[string]>) {
  const build = namedModels[name];
  if (build === undefined) throw new Error(`internal: no model ${name}`);
  return createModel(backend(), build(...of));
}

/** Images of 12×12 as images of 28×28: every pixel a block, and a border. */
function enlarged(small: ReturnType<typeof strokes>): ReturnType<typeof strokes> {
  const images = new Uint8Array((small.images.length / 144) * 784);
  for (let at = 0; at < images.length; at++) {
    const [image, row, column] = [Math.floor(at / 784), Math.floor((at % 784) / 28), at % 28];
    const [y, x] = [Math.floor(row / 2) - 1, Math.floor(column / 2) - 1];
    if (y >= 0 && y < 12 && x >= 0 && x < 12) {
      images[at] = small.images[image * 144 + y * 12 + x] ?? 0;
    }
  }
  return { ...small, images, shape: [1, 28, 28] };
}

it.each([
  ['reference', 20_410],
  ['lenet5', 61_706],
  ['resnet8', 77_754],
  ['mobile', 10_474],
  ['tiny', 9_914],
  ['fast', 47_902],
  ['accurate', 84_442],
])('%s has %i parameters on MNIST', (name, parameters) => {
  expect(named(name, [1, 28, 28], 10).parameterCount).toBe(parameters);
});

it.each(Object.keys(namedModels))(
  '%s takes coloured images and other numbers of classes',
  (name) => {
    const { layers } = named(name, [3, 32, 36], 7);
    expect(layers.at(-1)?.output).toEqual([7]);
  },
);

it.each(['resnet8', 'mobile', 'tiny'])('%s learns', async (name) => {
  const data = enlarged(strokes(64));
  const model = named(name, data.shape, data.classes);
  const optimizer = optimizers.adam({ learningRate: 0.003 });
  const { epochs } = await model.fit(data, { epochs: 4, batchSize: 16, optimizer });
  const losses = epochs.map(({ loss }) => loss);
  expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] ?? 0));
});
