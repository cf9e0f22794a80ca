/**
 * Two modules of the same kernels, compiled in two ways, against one another: kernels of every family run on both, over the same
 * memory, and must leave the same bytes. Numbers have both signs, and some are 0, as pixels and gradients are.
 * @module
 */
import type { WasmModule } from '../base/engine.ts';
import type { KernelName, Kernels } from './kernels.ts';
import { Arena } from './memory.ts';

/** A kernel, its addresses as letters of regions, and its numbers. Rows in a group work on one another's results. */
type Call = readonly [name: KernelName, regions: string, ...numbers: number[]];

const REGION_BYTES = 1 << 16;
/** Regions `a` to `p`; `s`, the scratch, comes last and has the rest. */
const REGIONS = 'abcdefghijklmnop';
const SCRATCH = 's';
const MEMORY_BYTES = 1 << 22;

/** Images that gatherU8 takes. */
const INDICES = [5, 0, 2];

/** An odd length: whole vectors, pairs of them, and a rest. */
const LENGTH = 1003;

/** batch, channels and filters, sizes and window of a convolution. */
const winograd = [2, 8, 10, 11, 12, 10, 11, 3, 3, 1, 1, 1, 1, 1, 1, 1] as const;
const byPatches = [2, 6, 14, 14, 16, 10, 10, 5, 5, 1, 1, 0, 0, 1, 1, 1] as const;
const strided = [2, 4, 11, 11, 9, 6, 6, 3, 3, 2, 2, 1, 1, 1, 1, 1] as const;
const pointwise = [2, 9, 7, 7, 20, 7, 7, 1, 1, 1, 1, 0, 0, 1, 1, 1] as const;
const depthwise = [2, 6, 9, 9, 6, 9, 9, 3, 3, 1, 1, 1, 1, 1, 1, 6] as const;

const convolutions = [winograd, byPatches, strided, pointwise, depthwise].map((sizes): Call[] => [
  ['conv2dForward', 'abcds', ...sizes],
  ['conv2dBackwardInput', 'eacs', ...sizes],
  ['conv2dBackwardWeight', 'fabs', ...sizes],
  ['conv2dBackwardBias', 'ga', sizes[0], sizes[4], sizes[5], sizes[6]],
]);

/** A window of 2×2 behind it: one channel and a dozen filters, many channels, 5×5. */
const fused = [
  [2, 1, 14, 14, 13, 12, 12, 3, 3, 1, 1, 0, 0],
  [2, 8, 10, 10, 9, 10, 10, 3, 3, 1, 1, 1, 1],
  [2, 6, 14, 14, 16, 10, 10, 5, 5, 1, 1, 0, 0],
].map((sizes): Call[] => [
  ['convReluPoolForward', 'ahbcds', ...sizes],
  ['convReluPoolBackwardWeight', 'fgeahbs', ...sizes],
  ['convReluPoolBackwardInput', 'ieahcs', ...sizes],
]);

const products = [
  [30, 37, 41],
  [5, 64, 20],
  [64, 96, 33],
].flatMap((sizes): Call[][] => [
  [['gemmNN', 'abcs', ...sizes]],
  [['gemmNT', 'abcs', ...sizes]],
  [['gemmTN', 'abcs', ...sizes]],
]);

const elementwise: Call[][] = [
  ...(['add', 'multiply'] as const).map((name): Call[] => [[name, 'abc', LENGTH]]),
  ...(
    ['relu', 'relu6', 'selu', 'sigmoid', 'tanh', 'gelu', 'silu', 'softplus', 'hardSigmoid'] as const
  ).map((name): Call[] => [
    [`${name}Forward`, 'ab', LENGTH],
    [`${name}Backward`, 'cda', LENGTH],
  ]),
  ...(['elu', 'leakyRelu'] as const).map((name): Call[] => [
    [`${name}Forward`, 'ab', LENGTH, 0.3],
    [`${name}Backward`, 'cda', LENGTH, 0.3],
  ]),
  [
    ['hardSwishForward', 'ab', LENGTH],
    ['hardSwishBackward', 'cdb', LENGTH],
  ],
  [['addScaled', 'ab', LENGTH, 0.7]],
  [['scale', 'a', LENGTH, 0.7]],
  [['blend', 'ab', LENGTH, 0.9]],
  [['clamp', 'a', LENGTH, 0.5]],
  [['accumulate', 'ab', LENGTH, 3, 1024]],
];

const optimizers: Call[][] = [
  [['sgd', 'ab', LENGTH, 0.1]],
  [['momentum', 'abc', LENGTH, 0.1, 0.9]],
  [['nesterov', 'abc', LENGTH, 0.1, 0.9]],
  [['adam', 'abcd', LENGTH, 0.1, 0.9, 0.99, 1e-8, 0.01, 0.5, 0.25]],
  [['adagrad', 'abc', LENGTH, 0.1, 1e-8]],
  [['adadelta', 'abcd', LENGTH, 0.1, 0.9, 1e-6]],
  [['rmsprop', 'abc', LENGTH, 0.1, 0.9, 1e-8]],
  [['rmspropMomentum', 'abcde', LENGTH, 0.1, 0.9, 0.9, 1e-8]],
  [['squaredNorms', 'ab', LENGTH, 100]],
];

/** What takes roots and logarithms has numbers above 0 alone: engines choose the bits of a NaN. */
const ofPositive: Call[][] = [...optimizers, [['log', 'ab', LENGTH]]];

/** batch, channels, pixels. */
const PLANES = [3, 6, 53] as const;

const layers: Call[][] = [
  [
    ['denseForward', 'abcds', 9, 70, 21],
    ['denseBackwardInput', 'eacs', 9, 70, 21],
    ['denseBackwardWeight', 'fabs', 9, 70, 21],
    ['denseBackwardBias', 'ga', 9, 21],
  ],
  [
    ['maxPool2dForward', 'abc', 2, 3, 12, 12, 6, 6, 2, 2, 2, 2, 0, 0],
    ['maxPool2dBackward', 'dab', 2, 3, 12, 12, 6, 6],
  ],
  [
    ['averagePool2dForward', 'ab', 2, 3, 12, 12, 6, 6, 2, 2, 2, 2, 0, 0, 0, 0, 1],
    ['averagePool2dBackward', 'ca', 2, 3, 12, 12, 6, 6, 2, 2, 2, 2, 0, 0, 0, 0, 1],
  ],
  [
    ['globalAveragePool2dForward', 'ab', ...PLANES],
    ['globalAveragePool2dBackward', 'ca', ...PLANES],
  ],
  [
    ['batchNormSums', 'ab', ...PLANES],
    ['batchNormMoments', 'ca', 6, 1, 128, 159, 1e-5],
    ['batchNormForward', 'dbefc', ...PLANES],
    ['batchNormBackwardWeight', 'ghidbc', ...PLANES],
    ['batchNormBackwardInput', 'jdbeci', ...PLANES, 1, 128, 159],
  ],
  [
    ['groupNormForward', 'abcde', ...PLANES, 2, 1e-5],
    ['groupNormBackwardWeight', 'fghacb', ...PLANES, 2],
    ['groupNormBackwardInput', 'iacdbh', ...PLANES, 2],
  ],
  [
    ['preluForward', 'abc', ...PLANES],
    ['preluBackwardInput', 'dabc', ...PLANES],
    ['preluBackwardWeight', 'eab', ...PLANES],
  ],
  [['multiplyChannels', 'abc', ...PLANES]],
  [['sumProducts', 'abc', ...PLANES]],
  [
    ['softmaxForward', 'ab', 7, 13],
    ['softmaxBackward', 'cda', 7, 13],
  ],
  [['conv2dAddBias', 'ab', 2, 5, 7, 9]],
  [['normalize', 'ab', ...PLANES]],
  [['gatherU8', 'abc', 3, 401]],
  [['transpose', 'ab', 21, 19]],
  [['upsample2dForward', 'ab', 2, 3, 7, 5, 2, 3]],
  [['meanSquaredError', 'abcd', 7, 13, 0.5]],
  [['exp', 'ab', LENGTH]],
];

const ofBothSigns = [...products, ...convolutions, ...fused, ...elementwise, ...layers];

/** The first kernel that leaves other bytes on `other` than on `module`; undefined if there is none. */
export function firstDifference(
  module: WasmModule,
  other: WasmModule,
  isShared: boolean,
): KernelName | undefined {
  const [a, b] = [module, other].map((each) => new Arena(each, MEMORY_BYTES, isShared)) as [
    Arena,
    Arena,
  ];
  const numbers = pseudoRandom(MEMORY_BYTES / 4);
  const magnitudes = numbers.map((value) => Math.abs(value) + 1e-3);
  for (const group of [...ofBothSigns, ...ofPositive]) {
    for (const arena of [a, b]) {
      const isPositive = ofPositive.includes(group);
      arena.f32(0, numbers.length).set(isPositive ? magnitudes : numbers);
      arena.i32(addressOf('c'), INDICES.length).set(group[0]?.[0] === 'gatherU8' ? INDICES : []);
    }
    for (const call of group) {
      run(a.kernels, call);
      run(b.kernels, call);
      if (!isSame(a, b)) return call[0];
    }
  }
  return undefined;
}

function run(kernels: Kernels, [name, regions, ...numbers]: Call): void {
  const addresses = [...regions].map(addressOf);
  (kernels[name] as (...args: number[]) => void)(...addresses, ...numbers);
}

function addressOf(letter: string): number {
  const index = letter === SCRATCH ? REGIONS.length : REGIONS.indexOf(letter);
  return (index + 1) * REGION_BYTES;
}

/** Whether all regions are the same; the scratch may hold anything. */
function isSame(a: Arena, b: Arena): boolean {
  const words = ((REGIONS.length + 1) * REGION_BYTES) / 4;
  const [left, right] = [a.u32(0, words), b.u32(0, words)];
  for (let i = 0; i < words; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** Numbers from −1 to 1, of which one in eight is 0, by xorshift32 (Marsaglia, "Xorshift RNGs", 2003). */
function pseudoRandom(length: number): Float32Array {
  let state = 0x9e3779b9;
  return Float32Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state % 8 === 0 ? 0 : state / 2 ** 31;
  });
}
