/**
 * The peers, and how each is started.
 *
 *   key        matched by `--only`, which names the start of a key, up to a dash
 *   command    program and arguments
 *   epochs     epochs per turn; several for peers with short epochs
 *   batches    for peers too slow for whole epochs: steps to run instead, in one turn, scaled to an epoch
 *   networks   the networks that the peer can train
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { networks } from './networks.js';

const path = (file) => fileURLToPath(new URL(file, import.meta.url));
const PYTHON = '/usr/bin/python3'; // the Python of Debian's packages, even if another comes first on PATH
const NODE_24 = path('../../test/peers/node_modules/node/bin/node');

/**
 * glibc gives large blocks back as soon as they are freed, and every step pays for its pages anew. With these settings it
 * keeps them. They are not the default, so PyTorch takes part both ways.
 */
const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '2000000000',
  MALLOC_TRIM_THRESHOLD_: '4000000000',
  MALLOC_TOP_PAD_: '200000000',
};

/** PyTorch's libraries as on a processor without AVX-512. */
const WITHOUT_AVX512 = {
  ...KEEP_MEMORY,
  ONEDNN_MAX_CPU_ISA: 'AVX2',
  ATEN_CPU_CAPABILITY: 'avx2',
  OPENBLAS_CORETYPE: 'Haswell',
};

/** How PyTorch's libraries are told to work, by the beginning of the key. */
const SETTINGS = {
  pytorch: { name: '', environment: {} },
  pytorchtuned: { name: ', malloc tuned', environment: KEEP_MEMORY },
  pytorchavx2: { name: ', malloc tuned, AVX2', environment: WITHOUT_AVX512 },
};

const ALL = Object.keys(networks);
const REFERENCE = ['reference'];

/** @param native Rows of `buildNative`. */
export function roster(folder, native, { batchSize, learningRate }) {
  const node = (file, ...args) => [process.execPath, path(`programs/${file}`), folder, ...args];
  const python = (file, ...args) => [PYTHON, path(`programs/${file}`), folder, ...args];
  const convlet = (name, key, engine, threads, ...flags) => ({
    key,
    name,
    command: [engine, path('programs/convlet.js'), folder, String(threads), ...flags],
    unavailable: existsSync(engine) ? undefined : 'npm ci --prefix test/peers',
    epochs: 3,
    networks: ALL,
  });
  const torch = (format, convolution, setting) => ({
    key: `${setting}-${format}-${convolution}`,
    name: `PyTorch ${format}, ${convolution === 'onednn' ? 'oneDNN' : 'oneDNN off'}${SETTINGS[setting].name}`,
    command: python('pytorch.py', format, convolution),
    environment: SETTINGS[setting].environment,
    epochs: 1,
    networks: ALL,
  });
  const tfjs = (variant, name, batches) => ({
    key: `tfjs-${variant}`,
    name,
    command: node('tfjs.js', variant),
    batches,
    epochs: variant === 'cpu' ? 1 : 3,
    networks: REFERENCE,
  });
  return [
    convlet('Convlet', 'convlet-1', process.execPath, 1),
    convlet('Convlet, 2 threads', 'convlet-2', process.execPath, 2),
    convlet('Convlet on Node 24', 'convlet-node24', NODE_24, 1),
    convlet('Convlet on Node 24, wide', 'convlet-wide', NODE_24, 1, 'wide'),
    ...native.map(({ name, program, unavailable }) => ({
      key: name.toLowerCase().replace(/c\+\+/, 'cpp').replace(/\W+/g, '-'),
      name,
      command: program && [program, folder, String(batchSize), String(learningRate)],
      unavailable,
      epochs: 3,
      networks: REFERENCE,
    })),
    ...Object.keys(SETTINGS).flatMap((setting) => [
      torch('contiguous', 'onednn', setting),
      torch('contiguous', 'native', setting),
      torch('channels_last', 'onednn', setting),
      torch('channels_last', 'native', setting),
    ]),
    {
      key: 'numpy',
      name: 'NumPy, im2col',
      command: python('vectorised.py'),
      environment: KEEP_MEMORY,
      epochs: 1,
      networks: REFERENCE,
    },
    tfjs('patched', 'TensorFlow.js wasm, our filter gradient', 20),
    tfjs('wasm', 'TensorFlow.js wasm', 10),
    tfjs('cpu', 'TensorFlow.js cpu', 1),
    {
      key: 'jax',
      name: 'jax-js wasm',
      command: node('jax.js'),
      batches: 10,
      epochs: 2,
      networks: REFERENCE,
    },
    {
      key: 'convnetjs',
      name: 'ConvNetJS',
      command: node('convnetjs.js'),
      batches: 10,
      epochs: 2,
      networks: REFERENCE,
    },
  ];
}
