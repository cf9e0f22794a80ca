/** Vectors of the kernels that work row by row, or window by window: dense, softmax, argmax, max pooling, gather. */
import * as reference from '../../dist/reference.js';
import { asked, listed, numbers, output, valuesOf } from './regions.js';

function dense(batch, inputs, outputs) {
  const regions = {
    x: numbers([batch, inputs], 3),
    w: numbers([outputs, inputs], 7),
    b: numbers([outputs], 1),
    dy: numbers([batch, outputs], 11),
    dw: numbers([outputs, inputs], 2),
    db: numbers([outputs], 4),
    y: output([batch, outputs]),
    dx: output([batch, inputs]),
    scratch: asked('denseScratchBytes', [batch, inputs, outputs]),
  };
  const sizes = [batch, inputs, outputs];
  const oracle = () => {
    const [x, w, b, dy, dw, db] = Object.values(regions).slice(0, 6).map(valuesOf);
    const add = (sum, before) => sum.map((value, i) => value + before[i]);
    return {
      y: reference.denseForward(x, w, b, ...sizes),
      dx: reference.denseBackwardInput(dy, w, ...sizes),
      dw: add(reference.denseBackwardWeight(dy, x, ...sizes), dw),
      db: add(reference.denseBackwardBias(dy, batch, outputs), db),
    };
  };
  return {
    name: `dense ${batch}×${inputs} → ${outputs}`,
    regions,
    calls: [
      { kernel: 'denseForward', args: ['y', 'x', 'w', 'b', 'scratch', ...sizes] },
      { kernel: 'denseBackwardInput', args: ['dx', 'dy', 'w', 'scratch', ...sizes] },
      { kernel: 'denseBackwardWeight', args: ['dw', 'dy', 'x', 'scratch', ...sizes] },
      { kernel: 'denseBackwardBias', args: ['db', 'dy', batch, outputs] },
    ],
    outputs: ['y', 'dx', 'dw', 'db'],
    tolerance: 1e-5,
    oracle,
  };
}

const logits = numbers([3, 5], 6, 101, 3);
const labels = listed([4, 0, 2], 'i32');

const softmax = [
  {
    name: 'softmax and its gradient, 3×5',
    regions: { y: output([3, 5]), dx: output([3, 5]), x: logits, dy: numbers([3, 5], 2) },
    calls: [
      { kernel: 'softmaxForward', args: ['y', 'x', 3, 5] },
      { kernel: 'softmaxBackward', args: ['dx', 'dy', 'y', 3, 5] },
    ],
    outputs: ['y', 'dx'],
    tolerance: 1e-6,
    oracle() {
      const y = reference.softmaxForward(valuesOf(logits), 3, 5);
      return { y, dx: reference.softmaxBackward(valuesOf(numbers([3, 5], 2)), y, 3, 5) };
    },
  },
  {
    name: 'cross-entropy of softmax, 3×5, scale 1/3',
    regions: { losses: output([3]), dx: output([3, 5]), x: logits, labels },
    calls: [{ kernel: 'softmaxCrossEntropy', args: ['losses', 'dx', 'x', 'labels', 3, 5, 1 / 3] }],
    outputs: ['losses', 'dx'],
    tolerance: 1e-6,
    oracle: () => reference.softmaxCrossEntropy(valuesOf(logits), labels.data, 3, 5, 1 / 3),
  },
];

const argmax = {
  name: 'the first on a tie; a NaN never wins over a number',
  regions: {
    indices: output([4], 'i32'),
    x: listed([1, 3, 3, 2, 'NaN', -1, -2, 'NaN', 'NaN', 'NaN', 0, 0], 'f32', [4, 3]),
  },
  calls: [{ kernel: 'argmax', args: ['indices', 'x', 4, 3] }],
  outputs: ['indices'],
  tolerance: 0,
};

/** batch channels inH inW outH outW kH kW strideH strideW padH padW. */
const POOL = [2, 2, 5, 6, 3, 3, 3, 3, 2, 2, 1, 1];

const maxPool2d = {
  name: '2×2×5×6 → 3×3, windows 3×3 that overlap, stride 2, padding 1, ties',
  regions: {
    y: output([2, 2, 3, 3]),
    argmax: output([2, 2, 3, 3], 'i32'),
    x: numbers([2, 2, 5, 6], 1, 5),
    dx: output([2, 2, 5, 6]),
    dy: numbers([2, 2, 3, 3], 8),
  },
  calls: [
    { kernel: 'maxPool2dForward', args: ['y', 'argmax', 'x', ...POOL] },
    { kernel: 'maxPool2dBackward', args: ['dx', 'dy', 'argmax', ...POOL.slice(0, 6)] },
  ],
  outputs: ['y', 'argmax', 'dx'],
  tolerance: 1e-6,
  oracle() {
    const { y, argmax } = reference.maxPool2dForward(valuesOf(numbers([2, 2, 5, 6], 1, 5)), POOL);
    const dy = valuesOf(numbers([2, 2, 3, 3], 8));
    return { y, argmax, dx: reference.maxPool2dBackward(dy, argmax, POOL) };
  },
};

const bytes = listed(
  Array.from({ length: 3 * 21 }, (_, i) => (i * 67 + 5) % 256),
  'u8',
  [3, 21],
);

const gather = {
  name: 'rows 2, 0, 2 of three',
  regions: {
    x: output([3, 21]),
    images: bytes,
    indices: listed([2, 0, 2], 'i32'),
    copy: output([3, 5]),
    floats: numbers([3, 5], 3),
    labels: output([3], 'i32'),
    source: listed([7, 200, 9], 'u8'),
  },
  calls: [
    { kernel: 'gatherU8', args: ['x', 'images', 'indices', 3, 21] },
    { kernel: 'gatherF32', args: ['copy', 'floats', 'indices', 3, 5] },
    { kernel: 'gatherLabels', args: ['labels', 'source', 'indices', 3] },
  ],
  outputs: ['x', 'copy', 'labels'],
  tolerance: 0,
  oracle() {
    const rows = (values, length) =>
      [2, 0, 2].flatMap((n) => values.slice(n * length, (n + 1) * length));
    return {
      x: rows(bytes.data, 21).map((byte) => Math.fround(byte / 255)),
      copy: rows(valuesOf(numbers([3, 5], 3)), 5),
      labels: [9, 7, 9],
    };
  },
};

export const rows = {
  dense: [dense(3, 13, 10), dense(1, 520, 2)],
  softmaxCrossEntropy: softmax,
  argmax: [argmax],
  maxpool2d: [maxPool2d],
  gather: [gather],
};
