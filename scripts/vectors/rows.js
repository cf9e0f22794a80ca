/** Vectors of the kernels that work row by row: dense, gather; and image by image: affine. */
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
    wide: output([3], 'i32'),
    wideSource: listed([65_536, -1, 2_147_483_647], 'i32'),
  },
  calls: [
    { kernel: 'gatherU8', args: ['x', 'images', 'indices', 3, 21] },
    { kernel: 'gatherF32', args: ['copy', 'floats', 'indices', 3, 5] },
    { kernel: 'gatherLabels', args: ['labels', 'source', 'indices', 3] },
    { kernel: 'gatherI32', args: ['wide', 'wideSource', 'indices', 3] },
  ],
  outputs: ['x', 'copy', 'labels', 'wide'],
  tolerance: 0,
  oracle() {
    const rows = (values, length) =>
      [2, 0, 2].flatMap((n) => values.slice(n * length, (n + 1) * length));
    return {
      x: rows(bytes.data, 21).map((byte) => Math.fround(byte / 255)),
      copy: rows(valuesOf(numbers([3, 5], 3)), 5),
      labels: [9, 7, 9],
      wide: [2_147_483_647, 65_536, 2_147_483_647],
    };
  },
};

const PIXELS = [2, 5, 6];
const RANGES = { shift: 2, rotate: 15, zoom: 0.2, shear: 10, flips: 3 };

const affine = {
  name: 'images 2, 0, 1 of three, moved by maps of epoch 3; fill 0.5',
  regions: {
    maps: output([3, 6]),
    x: output([3, ...PIXELS]),
    y: output([3, ...PIXELS]),
    clock: listed([4_000_000_019, 3, 70_000], 'u32'),
    indices: listed([2, 0, 1], 'i32'),
    images: listed(
      Array.from({ length: 3 * 60 }, (_, i) => (i * 67 + 5) % 256),
      'u8',
      [3, ...PIXELS],
    ),
    floats: numbers([3, ...PIXELS], 3),
    scratch: asked('affineScratchBytes', PIXELS.slice(1)),
  },
  calls: [
    {
      kernel: 'affineMaps',
      args: ['maps', 'clock', 'indices', 3, ...PIXELS.slice(1), ...Object.values(RANGES)],
    },
    {
      kernel: 'affineU8',
      args: ['x', 'images', 'indices', 'maps', 'scratch', 3, ...PIXELS, 0.5],
    },
    {
      kernel: 'affineF32',
      args: ['y', 'floats', 'indices', 'maps', 'scratch', 3, ...PIXELS, 0.5],
    },
  ],
  outputs: ['maps', 'x', 'y'],
  tolerance: 1e-5,
  oracle() {
    const { clock, indices, images, floats } = affine.regions;
    const [seed, epoch] = clock.data;
    const maps = indices.data.map((image) =>
      reference.affineMap({ seed, epoch, image }, PIXELS.slice(1), RANGES),
    );
    const sample = (values) => {
      const chosen = indices.data.flatMap((n) => [...values.slice(n * 60, (n + 1) * 60)]);
      return reference.affineSample(chosen, maps, PIXELS, 0.5);
    };
    return {
      maps: maps.flat(),
      x: sample(images.data.map((byte) => byte / 255)),
      y: sample(valuesOf(floats)),
    };
  },
};

export const rows = {
  affine: [affine],
  dense: [dense(3, 13, 10), dense(1, 520, 2)],
  gather: [gather],
};
