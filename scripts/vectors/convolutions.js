/** Vectors of assembly/conv2d/conv2d.ts and convReluPool.ts. */
import * as reference from '../../dist/reference.js';
import { asked, distinct, listed, numbers, output, valuesOf } from './regions.js';

/** `1×28×28 → 12×26×26, kernel 3×3, …`: sizes in the order of the kernels. */
function title([batch, inC, inH, inW, outC, outH, outW, kH, kW, ...rest]) {
  const [strideH, strideW, padH, padW, dilationH = 1, dilationW = 1, groups = 1] = rest;
  const from = `${batch}×${inC}×${inH}×${inW} → ${outC}×${outH}×${outW}`;
  return `${from}, kernel ${kH}×${kW}, stride ${strideH}×${strideW}, padding ${padH}×${padW}, dilation ${dilationH}×${dilationW}, groups ${groups}`;
}

function shapesOf([batch, inC, inH, inW, outC, outH, outW, kH, kW, , , , , , , groups = 1]) {
  return {
    x: [batch, inC, inH, inW],
    w: [outC, inC / groups, kH, kW],
    b: [outC],
    y: [batch, outC, outH, outW],
  };
}

function conv2d(...sizes) {
  const [batch, , , , outC, outH, outW] = sizes;
  const { x, w, b, y } = shapesOf(sizes);
  const inputs = { x: numbers(x, 3), w: numbers(w, 7), b: numbers(b, 1), dy: numbers(y, 11) };
  const sums = { dw: numbers(w, 2), db: numbers(b, 4) };
  const oracle = () => {
    const v = Object.fromEntries(
      Object.entries({ ...inputs, ...sums }).map(([name, region]) => [name, valuesOf(region)]),
    );
    const add = (sum, before) => sum.map((value, i) => value + before[i]);
    return {
      y: reference.conv2dForward(v.x, v.w, v.b, sizes),
      dx: reference.conv2dBackwardInput(v.dy, v.w, sizes),
      dw: add(reference.conv2dBackwardWeight(v.dy, v.x, sizes), v.dw),
      db: add(reference.conv2dBackwardBias(v.dy, batch, outC, outH, outW), v.db),
    };
  };
  return {
    name: title(sizes),
    regions: {
      ...inputs,
      ...sums,
      y: output(y),
      dx: output(x),
      scratch: asked('conv2dScratchBytes', sizes),
    },
    calls: [
      { kernel: 'conv2dForward', args: ['y', 'x', 'w', 'b', 'scratch', ...sizes] },
      { kernel: 'conv2dBackwardInput', args: ['dx', 'dy', 'w', 'scratch', ...sizes] },
      { kernel: 'conv2dBackwardWeight', args: ['dw', 'dy', 'x', 'scratch', ...sizes] },
      { kernel: 'conv2dBackwardBias', args: ['db', 'dy', batch, outC, outH, outW] },
    ],
    outputs: ['y', 'dx', 'dw', 'db'],
    tolerance: 1e-5,
    oracle,
  };
}

/** The calls of a transposed convolution with these sizes of its convolution: y is the image there, x what is convolved to. */
function conv2dTranspose(...sizes) {
  const [batch, outC, outH, outW] = sizes;
  const { x: y, w, y: x } = shapesOf(sizes);
  const b = [outC];
  const regions = {
    x: numbers(x, 3),
    w: numbers(w, 7),
    b: numbers(b, 1),
    dy: numbers(y, 11),
    dw: numbers(w, 2),
    db: numbers(b, 4),
    y: output(y),
    dx: output(x),
    scratch: asked('conv2dScratchBytes', sizes),
  };
  const outputs = [batch, outC, outH, outW];
  const oracle = () => {
    const v = (name) => valuesOf(regions[name]);
    const add = (sum, before) => sum.map((value, i) => value + before[i]);
    const sums = reference.conv2dBackwardInput(v('x'), v('w'), sizes);
    return {
      y: reference.conv2dAddBias(sums, v('b'), outC, outH, outW),
      dx: reference.conv2dForward(v('dy'), v('w'), null, sizes),
      dw: add(reference.conv2dBackwardWeight(v('x'), v('dy'), sizes), v('dw')),
      db: add(reference.conv2dBackwardBias(v('dy'), ...outputs), v('db')),
    };
  };
  return {
    name: `transposed: ${title(sizes)}`,
    regions,
    calls: [
      { kernel: 'conv2dBackwardInput', args: ['y', 'x', 'w', 'scratch', ...sizes] },
      { kernel: 'conv2dAddBias', args: ['y', 'b', ...outputs] },
      { kernel: 'conv2dBackwardWeight', args: ['dw', 'x', 'dy', 'scratch', ...sizes] },
      { kernel: 'conv2dBackwardBias', args: ['db', 'dy', ...outputs] },
      { kernel: 'conv2dForward', args: ['dx', 'dy', 'w', 0, 'scratch', ...sizes] },
    ],
    outputs: ['y', 'dx', 'dw', 'db'],
    tolerance: 1e-5,
    oracle,
  };
}

/** Ink in the middle of blank paper, different at every place: there are no ties except between blanks. */
function inked([batch, inC, inH, inW]) {
  const data = [];
  for (let n = 0; n < batch * inC; n++) {
    for (let i = 0; i < inH; i++) {
      for (let j = 0; j < inW; j++) {
        const isInked = i > 3 && i < 8 && j > 1 && j < 6;
        data.push(isInked ? Math.fround(((data.length * 4099) % 10_007) / 1009) : 0);
      }
    }
  }
  return listed(data, 'f32', [batch, inC, inH, inW]);
}

function convReluPool(what, x, ...sizes) {
  const [batch, , , , outC, outH, outW] = sizes;
  const shapes = shapesOf(sizes);
  const pooled = [batch, outC, Math.floor(outH / 2), Math.floor(outW / 2)];
  const inputs = { x, w: distinct(shapes.w, 7), b: numbers(shapes.b, 1), dy: numbers(pooled, 11) };
  const oracle = () => {
    const v = Object.fromEntries(
      Object.entries(inputs).map(([k, region]) => [k, valuesOf(region)]),
    );
    const conv = [...sizes, 1, 1, 1];
    const relu = reference.reluForward(reference.conv2dForward(v.x, v.w, v.b, conv));
    const pool = [batch, outC, outH, outW, ...pooled.slice(2), 2, 2, 2, 2, 0, 0];
    const { y, argmax } = reference.maxPool2dForward(relu, pool);
    const masked = reference.reluBackward(v.dy, y);
    const dConv = reference.maxPool2dBackward(masked, argmax, pool);
    return {
      y,
      dw: reference.conv2dBackwardWeight(dConv, v.x, conv),
      db: reference.conv2dBackwardBias(dConv, batch, outC, outH, outW),
      dx: reference.conv2dBackwardInput(dConv, v.w, conv),
    };
  };
  const zeros = (shape) => listed(new Array(shape.reduce((a, b) => a * b)).fill(0), 'f32', shape);
  return {
    name: `${what}: ${title(sizes)}`,
    regions: {
      ...inputs,
      y: output(pooled),
      dw: zeros(shapes.w),
      db: zeros(shapes.b),
      dx: output(shapes.x),
      saved: asked('convReluPoolSavedBytes', [outC, outH, outW], batch),
      scratch: asked('convReluPoolScratchBytes', sizes),
    },
    calls: [
      { kernel: 'convReluPoolForward', args: ['y', 'saved', 'x', 'w', 'b', 'scratch', ...sizes] },
      {
        kernel: 'convReluPoolBackwardWeight',
        args: ['dw', 'db', 'dy', 'y', 'saved', 'x', 'scratch', ...sizes],
      },
      {
        kernel: 'convReluPoolBackwardInput',
        args: ['dx', 'dy', 'y', 'saved', 'w', 'scratch', ...sizes],
      },
    ],
    outputs: ['y', 'dw', 'db', 'dx'],
    tolerance: 1e-5,
    oracle,
  };
}

export const convolutions = {
  conv2d: [
    conv2d(2, 1, 6, 7, 5, 4, 5, 3, 3, 1, 1, 0, 0, 1, 1, 1),
    conv2d(1, 4, 6, 5, 6, 3, 5, 3, 2, 2, 1, 1, 1, 1, 2, 2),
    conv2d(1, 8, 6, 9, 8, 4, 7, 3, 3, 1, 1, 0, 0, 1, 1, 1), // with Winograd's tiles
    conv2d(2, 3, 7, 5, 6, 7, 5, 3, 3, 1, 1, 1, 1, 1, 1, 3), // two filters for each channel
    conv2d(1, 2, 7, 8, 2, 3, 4, 3, 3, 2, 2, 0, 1, 1, 1, 2), // the same, by twos
    conv2d(1, 5, 3, 7, 6, 3, 7, 1, 1, 1, 1, 0, 0, 1, 1, 1), // 1×1
    conv2dTranspose(2, 3, 7, 6, 4, 3, 2, 3, 3, 2, 2, 0, 1, 1, 1, 1),
  ],
  convReluPool: [
    convReluPool('blank paper', inked([2, 1, 12, 9]), 2, 1, 12, 9, 12, 10, 7, 3, 3, 1, 1, 0, 0),
    convReluPool('channels', distinct([1, 3, 5, 6], 3), 1, 3, 5, 6, 5, 5, 6, 3, 3, 1, 1, 1, 1),
    convReluPool(
      'many channels',
      distinct([1, 8, 6, 10], 3),
      1,
      8,
      6,
      10,
      8,
      4,
      8,
      3,
      3,
      1,
      1,
      0,
      0,
    ),
    convReluPool('steps', distinct([1, 2, 9, 8], 3), 1, 2, 9, 8, 3, 4, 4, 5, 2, 1, 2, 0, 0),
  ],
};
