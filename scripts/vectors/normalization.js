/** Vectors of assembly/normalization/ and data/normalize.ts. */
import * as reference from '../../dist/reference.js';
import { listed, numbers, output, positive, valuesOf } from './regions.js';

const EPSILON = 1e-5;

/** A batch that is one shard: forward, backward and the running statistics. */
function training(batch, channels, pixels) {
  const sizes = [batch, channels, pixels];
  const count = batch * pixels;
  const row = (b) => numbers([channels], b);
  const regions = {
    x: numbers(sizes, 3),
    w: row(7),
    b: row(1),
    sums: output([2, channels], 'f64'),
    moments: output([2, channels], 'f64'),
    y: output(sizes),
    mean: row(5),
    variance: positive([channels], 9),
    dy: numbers(sizes, 11),
    dw: row(2),
    db: row(4),
    dSums: output([2, channels], 'f64'),
    dx: output(sizes),
  };
  return {
    name: `${sizes.join('×')} in training, one shard`,
    regions,
    calls: [
      { kernel: 'batchNormSums', args: ['sums', 'x', ...sizes] },
      { kernel: 'batchNormMoments', args: ['moments', 'sums', channels, 1, 0, count, EPSILON] },
      { kernel: 'batchNormForward', args: ['y', 'x', 'w', 'b', 'moments', ...sizes] },
      {
        kernel: 'batchNormRunning',
        args: ['mean', 'variance', 'sums', channels, 1, 0, count, 0.1],
      },
      {
        kernel: 'batchNormBackwardWeight',
        args: ['dw', 'db', 'dSums', 'dy', 'x', 'moments', ...sizes],
      },
      {
        kernel: 'batchNormBackwardInput',
        args: ['dx', 'dy', 'x', 'w', 'moments', 'dSums', ...sizes, 1, 0, count],
      },
    ],
    outputs: ['sums', 'moments', 'y', 'mean', 'variance', 'dw', 'db', 'dSums', 'dx'],
    tolerance: 1e-6,
    oracle: () => trained(regions, sizes),
  };
}

function trained(regions, sizes) {
  const v = Object.fromEntries(
    Object.entries(regions)
      .filter(([, region]) => region.formula !== undefined)
      .map(([name, region]) => [name, Float64Array.from(valuesOf(region))]),
  );
  const [batch, , pixels] = sizes;
  const count = batch * pixels;
  const { mean, variance } = reference.batchNormMoments(v.x, sizes);
  const { dx, dw, db } = reference.batchNormBackward(v.dy, v.x, v.w, sizes, EPSILON);
  return {
    sums: [...mean.map((m) => m * count), ...mean.map((m, c) => (variance[c] + m * m) * count)],
    moments: momentsOf(mean, variance),
    y: reference.batchNormForward(v.x, v.w, v.b, { mean, variance }, sizes, EPSILON),
    ...reference.batchNormRunning(v, v.x, sizes, 0.1),
    dw: dw.map((value, c) => value + v.dw[c]),
    db: db.map((value, c) => value + v.db[c]),
    dSums: [...db, ...dw],
    dx,
  };
}

function momentsOf(mean, variance) {
  return [...mean, ...Array.from(variance, (value) => 1 / Math.sqrt(value + EPSILON))];
}

/** Of each shard Σx and then Σx², for two channels: 12 values a channel, whose means are 5/3 and 3/4. */
const SHARDS = [8, 6, 30, 9.5, 12, 3, 46, 6.25];

const shards = {
  name: 'the moments of two shards, two channels, 12 values a channel',
  regions: {
    moments: output([2, 2], 'f64'),
    sums: listed(SHARDS, 'f64', [2, 2, 2]),
    mean: numbers([2], 5),
    variance: positive([2], 9),
  },
  calls: [
    { kernel: 'batchNormMoments', args: ['moments', 'sums', 2, 2, 32, 12, EPSILON] },
    { kernel: 'batchNormRunning', args: ['mean', 'variance', 'sums', 2, 2, 32, 12, 0.1] },
  ],
  outputs: ['moments', 'mean', 'variance'],
  tolerance: 1e-6,
  oracle() {
    const mean = [0, 1].map((c) => (SHARDS[c] + SHARDS[4 + c]) / 12);
    const variance = [0, 1].map((c) => (SHARDS[2 + c] + SHARDS[6 + c]) / 12 - mean[c] ** 2);
    const blend = (region, fresh) => valuesOf(region).map((old, c) => 0.9 * old + 0.1 * fresh[c]);
    return {
      moments: momentsOf(mean, variance),
      mean: blend(shards.regions.mean, mean),
      variance: blend(
        shards.regions.variance,
        variance.map((value) => (value * 12) / 11),
      ),
    };
  },
};

const SIZES = [2, 3, 5];

const fixed = {
  name: '2×3×5 by fixed statistics: no sums are read',
  regions: {
    x: numbers(SIZES, 3),
    w: numbers([3], 7),
    b: numbers([3], 1),
    mean: numbers([3], 5),
    variance: positive([3], 9),
    moments: output([2, 3], 'f64'),
    y: output(SIZES),
    dy: numbers(SIZES, 11),
    sums: output([2, 3], 'f64'),
    dx: output(SIZES),
  },
  calls: [
    { kernel: 'batchNormFixedMoments', args: ['moments', 'mean', 'variance', 3, EPSILON] },
    { kernel: 'batchNormForward', args: ['y', 'x', 'w', 'b', 'moments', ...SIZES] },
    {
      kernel: 'batchNormBackwardInput',
      args: ['dx', 'dy', 'x', 'w', 'moments', 'sums', ...SIZES, 0, 0, 10],
    },
  ],
  outputs: ['moments', 'y', 'dx'],
  tolerance: 1e-6,
  oracle() {
    const { x, w, b, mean, variance, dy } = fixed.regions;
    const moments = { mean: valuesOf(mean), variance: valuesOf(variance) };
    const forward = (values, centre, shift) =>
      reference.batchNormForward(
        valuesOf(values),
        valuesOf(w),
        shift,
        { ...moments, mean: centre },
        SIZES,
        EPSILON,
      );
    return {
      moments: momentsOf(moments.mean, moments.variance),
      y: forward(x, moments.mean, valuesOf(b)),
      dx: forward(dy, [0, 0, 0], [0, 0, 0]), // y is linear in x: its gradient is the same without the constants
    };
  },
};

/** Group normalisation: forward and backward. */
function grouped(batch, channels, pixels, groups) {
  const sizes = [batch, channels, pixels];
  const row = (b) => numbers([channels], b);
  const regions = {
    x: numbers(sizes, 3),
    w: row(7),
    b: row(1),
    y: output(sizes),
    moments: output([batch, 2, groups], 'f64'),
    dy: numbers(sizes, 11),
    dw: row(2),
    db: row(4),
    sums: output([batch, 2, channels], 'f64'),
    dx: output(sizes),
  };
  const all = [...sizes, groups];
  const oracle = () => {
    const [x, w, b, dy] = ['x', 'w', 'b', 'dy'].map((name) => valuesOf(regions[name]));
    const { dx, dw, db } = reference.groupNormBackward(dy, x, w, all, EPSILON);
    const { mean, variance } = reference.groupNormMoments(x, all);
    const moments = [];
    for (let n = 0; n < batch; n++) {
      const own = (values) => values.slice(n * groups, (n + 1) * groups);
      moments.push(...momentsOf(own(mean), own(variance)));
    }
    return {
      y: reference.groupNormForward(x, w, b, all, EPSILON),
      moments,
      dx,
      dw: dw.map((value, c) => value + valuesOf(regions.dw)[c]),
      db: db.map((value, c) => value + valuesOf(regions.db)[c]),
    };
  };
  return {
    name: `${sizes.join('×')}, ${groups} groups`,
    regions,
    calls: [
      { kernel: 'groupNormForward', args: ['y', 'moments', 'x', 'w', 'b', ...all, EPSILON] },
      {
        kernel: 'groupNormBackwardWeight',
        args: ['dw', 'db', 'sums', 'dy', 'x', 'moments', ...all],
      },
      {
        kernel: 'groupNormBackwardInput',
        args: ['dx', 'dy', 'x', 'w', 'moments', 'sums', ...all],
      },
    ],
    outputs: ['y', 'moments', 'dw', 'db', 'dx'],
    tolerance: 1e-6,
    oracle,
  };
}

const normalize = {
  name: '2 images of 3 channels of 5 pixels',
  regions: { x: numbers(SIZES, 3), statistics: listed([0.5, -0.25, 2, 0.5, 2, 3], 'f32', [2, 3]) },
  calls: [{ kernel: 'normalize', args: ['x', 'statistics', ...SIZES] }],
  outputs: ['x'],
  tolerance: 1e-6,
  oracle() {
    const statistics = valuesOf(normalize.regions.statistics);
    const channel = (i) => Math.floor(i / 5) % 3;
    return {
      x: valuesOf(normalize.regions.x).map(
        (value, i) => (value - statistics[channel(i)]) / statistics[3 + channel(i)],
      ),
    };
  },
};

export const normalization = {
  batchNorm: [training(2, 2, 7), training(5, 3, 1), shards, fixed],
  groupNorm: [grouped(2, 4, 7, 2), grouped(3, 5, 1, 1)],
  normalize: [normalize],
};
