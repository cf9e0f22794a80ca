/** The layer of batch normalisation: what its shards wait for, and the same bytes on any number of threads. */
import { createBackend, createModel, layers, type ModelSpec } from 'convlet';
import { describe, expect, it } from 'vitest';
import type { Emitter, LayerCall, Mode } from '../../src/layers/layer.ts';
import { strokes } from '../support/digits.ts';

const SHARDS = 8;
const SIZES = [2, 3, 4, 4] as const;

/** Addresses need not be true: no kernel runs. */
const call: LayerCall = {
  mode: 'train',
  batch: SIZES[0],
  first: 0,
  total: SHARDS * SIZES[0],
  layer: 0,
  clock: 64,
  x: 128,
  dx: 192,
  y: 256,
  dy: 320,
  xs: [128],
  dxs: [192],
  parameters: { weight: 384, bias: 448, running_mean: 512, running_var: 576 },
  gradients: { weight: 640, bias: 704 },
  saved: 0,
  scratch: 0,
  partials: { first: 1024, own: 1280, bytes: 256, shards: SHARDS },
};

/** What the layer asks for: kernels, their arguments, and where shards meet. */
function emitted(mode: Mode, trainable: boolean, gradients = call.gradients) {
  const calls = new Map<string, readonly unknown[]>();
  const meetings: string[] = [];
  const to: Emitter = {
    forward: (kernel, ...args) => void calls.set(kernel, args),
    backward: (kernel, ...args) => void calls.set(kernel, args),
    update: (kernel, ...args) => void calls.set(kernel, args),
    meet: (pass) => void meetings.push(pass),
  };
  const spec = layers.batchNorm({ trainable });
  layers.batchNorm.definition.emit(to, spec, [[...SIZES.slice(1)]], {
    ...call,
    gradients,
    mode,
  });
  return { calls, meetings, input: calls.get('batchNormBackwardInput') ?? [] };
}

describe('batchNorm', () => {
  it('lets all shards meet in both passes of training, then reads the sums of all', () => {
    const { calls, meetings, input } = emitted('train', true);
    expect(meetings).toEqual(['forward', 'backward']);
    expect(calls.has('batchNormRunning')).toBe(true);
    expect(input.slice(-3)).toEqual([SHARDS, 256, SHARDS * 2 * 16]);
  });

  it.each([
    ['is frozen', 'train', false],
    ['evaluates', 'evaluate', true],
  ] as const)('waits for nobody and reads no sums if it %s', (_name, mode, trainable) => {
    const { calls, meetings, input } = emitted(mode, trainable);
    expect(meetings).toEqual([]);
    expect(calls.has('batchNormFixedMoments')).toBe(true);
    expect(calls.has('batchNormRunning')).toBe(false);
    expect(input.slice(-3)).toEqual([0, 0, SHARDS * 2 * 16]);
  });

  it('sums gradients only for those who read them', () => {
    const sums = 'batchNormBackwardWeight';
    expect(emitted('train', false, {}).calls.has(sums)).toBe(false);
    expect(emitted('train', false, {}).calls.has('batchNormBackwardInput')).toBe(true);
    expect(emitted('evaluate', true).calls.has(sums)).toBe(true);
  });

  it.each([true, false])(
    'trains to the same bytes on 1, 2 and 3 threads, trainable %s',
    async (trainable) => {
      const spec: ModelSpec = {
        inputShape: [1, 12, 12],
        layers: [
          layers.conv2d({ filters: 6, kernelSize: 3, name: 'conv' }),
          layers.batchNorm({ trainable }),
          layers.leakyRelu({ name: 'left' }),
          layers.batchNorm({ name: 'right', inputs: ['conv'] }),
          layers.add({ inputs: ['left', 'right'] }),
          layers.dropout({ rate: 0.3 }),
          layers.globalAveragePool2d(),
          layers.dense({ units: 10 }),
          layers.softmax(),
        ],
      };
      const hashes = [];
      for (const threads of [1, 2, 3]) {
        const backend = await createBackend({ threads });
        const model = createModel(backend, spec);
        await model.fit(strokes(101), { epochs: 2, batchSize: 25 });
        hashes.push(await model.weightsSha256());
        backend.dispose();
      }
      expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
    },
  );
});
