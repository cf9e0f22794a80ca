/** What `fit` tells of runs that go on though something is likely not meant. */
import {
  createModel,
  type Dataset,
  type FitOptions,
  layers,
  losses,
  optimizers,
  type ValueDataset,
} from 'convlet';
import { beforeEach, describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';
import { testRandom, uniform } from '../support/random.ts';

const backend = useBackend();
const still = optimizers.sgd({ learningRate: 1e-30 });

const COUNT = 24;
const images = uniform(testRandom(5), COUNT * 4);
const shape = [1, 2, 2];

function labelled(classes: number): Dataset {
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => (i * i) % classes);
  return { images, shape, labels, classes };
}

function valued(length: number): ValueDataset {
  return { images, shape, targets: uniform(testRandom(6), COUNT * length).map(Math.abs) };
}

/** A network that puts out the same numbers for every image. */
function constant(outputs: readonly number[]) {
  const model = createModel(backend(), {
    inputShape: shape,
    layers: [
      layers.flatten(),
      layers.dense({ units: outputs.length, kernelInitializer: 'zeros', name: 'last' }),
    ],
  });
  const weights = model.weights();
  weights.get('last.bias')?.data.set(outputs);
  model.setWeights(weights);
  return model;
}

async function warningsOf(
  outputs: readonly number[],
  data: Dataset | ValueDataset,
  options: FitOptions,
): Promise<string[]> {
  const heard: string[] = [];
  await constant(outputs).fit(data, { ...options, onWarning: (text) => heard.push(text) });
  return heard;
}

describe('an epoch that is worse than guessing', () => {
  const weights = Float32Array.from({ length: COUNT }, (_, i) => i % 4);
  const classWeights = [1, 2, 0.5];
  it.each<[string, Dataset | ValueDataset, FitOptions['loss'], number, boolean]>([
    ['labels', labelled(3), 'categoricalCrossentropy', 3, true],
    ['weighted images', { ...labelled(3), weights }, 'categoricalCrossentropy', 3, true],
    [
      'smoothed labels',
      labelled(3),
      losses.categoricalCrossentropy({ labelSmoothing: 0.2 }),
      3,
      true,
    ],
    [
      'weighted classes and images',
      { ...labelled(3), weights },
      losses.categoricalCrossentropy({ classWeights, labelSmoothing: 0.3 }),
      3,
      true,
    ],
    [
      'balanced classes',
      labelled(3),
      losses.categoricalCrossentropy({ classWeights: 'balanced' }),
      3,
      true,
    ],
    ['labels of yes and no', labelled(2), 'binaryCrossentropy', 1, true],
    ['answers of yes and no', valued(3), 'binaryCrossentropy', 3, true],
    [
      'weighted answers',
      { ...valued(3), weights },
      losses.binaryCrossentropy({ positiveWeights: [1, 3, 0.5] }),
      3,
      true,
    ],
    [
      'answers of one weight',
      valued(3),
      losses.binaryCrossentropy({ positiveWeights: 2 }),
      3,
      true,
    ],
    ['squares of errors', valued(3), 'meanSquaredError', 3, false],
    [
      'squares of errors of weighted images',
      { ...valued(3), weights },
      'meanSquaredError',
      3,
      false,
    ],
    ['errors', valued(2), 'meanAbsoluteError', 2, false],
    ['Huber’s loss', valued(2), losses.huber({ delta: 0.3 }), 2, false],
  ])(
    'is told with the loss of a constant answer: %s',
    async (_name, data, loss, length, isEven) => {
      const meanOf = ({ targets, weights }: ValueDataset) => {
        const weightOf = (i: number) => weights?.[Math.floor(i / length)] ?? 1;
        const total = targets.reduce((sum, target, i) => sum + weightOf(i) * target, 0);
        return total / targets.reduce((sum, _, i) => sum + weightOf(i), 0);
      };
      const answer = isEven ? 0 : meanOf(data as ValueDataset);
      const guess = constant(new Array(length).fill(answer)).evaluate(data as Dataset, {
        ...(loss !== undefined && { loss }),
      }).loss;
      const far = Array.from({ length }, (_, i) => 40 - 30 * i); // sure, and wrong of many
      const options = { loss, optimizer: still } as FitOptions;
      const [text, ...more] = await warningsOf(far, data, options);
      expect(text).toMatch(/^epoch 1 is worse than guessing: loss \S+, and /);
      expect(text).toMatch(/ without looking at the images\. Lower the learning rate\.$/);
      expect(Number(text?.match(/and (\S+) without/)?.[1])).toBeCloseTo(guess, 3);
      expect(more).toEqual([]);
      const near = new Array(length).fill(answer);
      expect(await warningsOf(near, data, options)).toEqual([]);
    },
  );

  it('is not told of a first epoch that begins badly, nor of losses that fall', async () => {
    const target = new Float32Array(COUNT).map((_, i) => i % 2); // variance 1/4
    const data: ValueDataset = { images, shape, targets: target };
    const options: FitOptions = { loss: 'meanSquaredError', optimizer: still };
    expect(await warningsOf([0.95], data, options)).toEqual([]); // 0.45
    const falling = optimizers.sgd({ learningRate: 0.02 });
    expect(await warningsOf([0.95], data, { ...options, optimizer: falling, epochs: 6 })).toEqual(
      [],
    );
  });
});

describe('floats that look like bytes', () => {
  const { images: bytes, ...rest } = strokes(20);
  const heardOf = async (images: Uint8Array | Float32Array) => {
    const heard: string[] = [];
    const model = createModel(backend(), spec);
    await model.fit(
      { ...rest, images },
      { optimizer: still, onWarning: (text) => heard.push(text) },
    );
    return heard.filter((text) => text.includes('bytes'));
  };

  it('are told once, with what to do', async () => {
    expect(await heardOf(Float32Array.from(bytes))).toEqual([
      expect.stringMatching(
        /^the images are floats of mean \d+(\.\d+)?, which looks like bytes\. Give them as Uint8Array, or divide them by 255\.$/,
      ),
    ]);
  });

  it('are not suspected in bytes, nor in floats from 0 to 1', async () => {
    expect(await heardOf(bytes as Uint8Array)).toEqual([]);
    expect(await heardOf(Float32Array.from(bytes, (byte) => byte / 255))).toEqual([]);
  });
});

describe('a loss that does not move', () => {
  const data = strokes(20);
  const [heard, onWarning] = [
    [] as string[],
    (text: string) => {
      if (text.includes('not moved')) heard.push(text);
    },
  ];
  beforeEach(() => heard.splice(0));

  it('is told once after three epochs', async () => {
    const model = createModel(backend(), spec);
    const epochsAt: number[] = [];
    await model.fit(data, {
      epochs: 6,
      optimizer: still,
      onWarning,
      onEpochEnd: () => void epochsAt.push(heard.length),
    });
    expect(heard).toEqual([
      expect.stringMatching(/^the loss has not moved for 3 epochs, it is \d\.\d+\. Try another/),
    ]);
    expect(epochsAt).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it('is not told of a loss that falls, nor of a loss of 0', async () => {
    await createModel(backend(), spec).fit(data, { epochs: 5, onWarning });
    const zeros: ValueDataset = { images, shape, targets: new Float32Array(COUNT) };
    const options: FitOptions = { epochs: 5, loss: 'meanSquaredError', onWarning };
    await constant([0]).fit(zeros, options);
    expect(heard).toEqual([]);
  });

  it('counts the epochs of a checkpoint that is resumed', async () => {
    const options: FitOptions = { optimizer: still, epochs: 2 };
    let resume: FitOptions['resume'];
    await createModel(backend(), spec).fit(data, {
      ...options,
      onWarning,
      onCheckpoint: (checkpoint) => {
        resume = checkpoint;
      },
    });
    expect(heard).toEqual([]);
    await createModel(backend(), spec).fit(data, {
      ...options,
      resume,
      epochs: 3,
      onWarning,
    });
    expect(heard).toHaveLength(1);
  });
});
