/** Targets: files of weights, models and checkpoints; damaged as bytes, and rewritten by someone who knows the format. */
import {
  type Checkpoint,
  createBackend,
  createModel,
  layers,
  losses,
  optimizers,
  schedules,
} from 'convlet';
import { quantizeModel } from 'convlet/formats';
import fc from 'fast-check';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  isCheckpoint,
} from '../../src/formats/convlet/checkpointFile.ts';
import { decodeModel, encodeModel } from '../../src/formats/convlet/modelFile.ts';
import { seal } from '../../src/formats/convlet/seal.ts';
import {
  decodeSafetensors,
  decodeWithDoubles,
  decodeWithSmall,
  type Entry,
  encodeHeader,
  encodeSafetensors,
  readMetadata,
  type Safetensors,
} from '../../src/formats/safetensors/safetensors.ts';
import type { Damaged } from './bytes.ts';
import { expectSame, fileTarget } from './files.ts';
import type { Target } from './harness.ts';
import { type HostileText, hasRepeatedKey, hostileJson, showText } from './json.ts';

const spec = {
  inputShape: [1, 3, 3],
  layers: [
    layers.conv2d({ filters: 2, kernelSize: 2, name: 'first' }),
    layers.batchNorm(),
    layers.flatten(),
    layers.dense({ units: 2 }),
    layers.softmax(),
  ],
};
const data = {
  images: Uint8Array.from({ length: 9 * 20 }, (_, i) => (i * 37) % 251),
  labels: Uint8Array.from({ length: 20 }, (_, i) => i % 2),
  shape: [1, 3, 3],
  classes: 2,
  classNames: ['cat', 'dog'],
};

const backend = await createBackend();
const made = createModel(backend, spec, { seed: 7 });
const checkpoints: Checkpoint[] = [];
await made.fit(data, {
  epochs: 4,
  batchSize: 4,
  accumulate: 2,
  maxSteps: 8,
  optimizer: optimizers.adam({
    learningRate: schedules.reduceOnPlateau({ from: 0.01, patience: 0 }),
  }),
  averageWeights: {},
  validationData: data,
  earlyStopping: { patience: 5, restoreBest: true },
  augment: { shift: 1 },
  loss: losses.categoricalCrossentropy({ labelSmoothing: 0.1 }),
  onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
});
const plain = createModel(backend, spec);
await plain.fit(data, { onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint) });

const modelFiles = [encodeModel(made), encodeModel(plain)];
const wholeFiles = [encodeModel(quantizeModel(backend, made, data.images))];
const smallFiles = [
  encodeModel(plain, { dtype: 'f16' }),
  encodeModel(plain, { dtype: 'bf16' }),
  ...wholeFiles,
];
const checkpointFiles = checkpoints.map((checkpoint) =>
  encodeCheckpoint({ ...checkpoint, settings: { model: 'reference', size: [3, 3] } }),
);
const tensorFiles = [
  encodeSafetensors([]),
  encodeSafetensors(
    [
      ['a', { shape: [2, 2], data: Float32Array.of(1, 2, Number.NaN, -0) }],
      ['b', { shape: [], data: Float32Array.of(5) }],
    ],
    { note: 'ä' },
  ),
  ...modelFiles,
];

/** The parts of a file: the text of its header, and its data. */
function headerOf(bytes: Uint8Array): { header: unknown; data: Uint8Array } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { header: JSON.parse(text), data: bytes.subarray(8 + length) };
}

/** A file of any header. */
function fileOf(header: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** Throws unless tensors are those of the data, one behind the other. */
function checkTensors(
  tensors: ReadonlyMap<string, { shape: readonly number[]; data: ArrayBufferView }>,
) {
  for (const { shape, data } of tensors.values()) {
    const count = shape.reduce((product, size) => product * size, 1);
    expectSame((data as Float32Array).length, count, 'elements');
  }
}

const safetensorsTarget = fileTarget({
  name: 'safetensors',
  runs: 2000,
  samples: tensorFiles,
  words: [
    '"F32"',
    '"F64"',
    '"I64"',
    '"shape":[',
    '"data_offsets":[0,4]',
    '__metadata__',
    '__proto__',
    '\ud800',
  ],
  signatures: [
    [8, 0, 0, 0, 0, 0, 0, 0, 0x7b],
    [2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d],
  ],
  read: ({ bytes }) => decodeSafetensors(bytes, 'f'),
  check({ tensors, metadata }) {
    checkTensors(tensors);
    if ([...tensors.values()].some(({ shape }) => shape.includes(0))) return; // read, not written
    const again = decodeSafetensors(encodeSafetensors(tensors, metadata), 'f');
    expectSame([...again.tensors], [...tensors], 'tensors');
    expectSame({ ...again.metadata }, { ...metadata }, 'metadata');
  },
});

const headers = tensorFiles.map(headerOf);

/** A file whose header an attacker wrote. */
const headerTarget: Target<
  HostileText & { bytes: Uint8Array },
  ReturnType<typeof decodeSafetensors>
> = {
  name: 'safetensors-header',
  runs: 1500,
  inputs: fc.nat(headers.length - 1).chain((n) =>
    hostileJson([headers[n]?.header]).map((hostile) => ({
      ...hostile,
      bytes: fileOf(hostile.text, headers[n]?.data ?? new Uint8Array()),
    })),
  ),
  size: ({ bytes }) => bytes.length,
  show: showText,
  read: ({ bytes }) => decodeSafetensors(bytes, 'f'),
  check({ tensors }, { text }) {
    checkTensors(tensors);
    if (hasRepeatedKey(text)) throw new Error('wrongly taken: a key that is repeated');
  },
};

/** A file that is read is one that was written, to the last bit: its checksum says so. */
function sealedTarget<Value>(
  name: string,
  samples: readonly Uint8Array[],
  read: (bytes: Uint8Array, where: string) => Value,
): Target {
  const intact = samples.map((bytes) => read(bytes, 'f'));
  return fileTarget<Value>({
    name,
    runs: 1500,
    samples,
    words: [
      'convlet.crc32',
      'convlet.spec',
      'convlet.format',
      'average/',
      'best/',
      'optimizer.0',
      '"F64"',
    ],
    signatures: [[8, 0, 0, 0, 0, 0, 0, 0, 0x7b]],
    read: ({ bytes }: Damaged) => read(bytes, 'f'),
    check(value, { sample }) {
      if (sample === undefined) throw new Error('wrongly taken: junk');
      if (!intact.some((other) => equal(other, value)))
        throw new Error('wrongly taken: other content');
    },
  }) as Target;
}

function equal(a: unknown, b: unknown): boolean {
  try {
    expectSame(a, b, '');
    return true;
  } catch {
    return false;
  }
}

/** A file whose metadata or tensors an attacker wrote, with a checksum of their own. */
interface Forged {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly key: string;
}

/** The content of a model, whose tensors may have fewer bits, or of a checkpoint. */
function decodeAny(bytes: Uint8Array): Safetensors<Entry[1]> {
  return isCheckpoint(readMetadata(bytes, 'f'))
    ? decodeWithDoubles(bytes, 'f')
    : decodeWithSmall(bytes, 'f');
}

type Tamper = 'none' | 'drop' | 'rename' | 'reshape' | 'numbers' | 'double' | 'more';

function forge(
  sample: Uint8Array,
  key: string,
  text: string,
  tamper: Tamper,
  at: number,
): Uint8Array {
  const { tensors, metadata } = decodeAny(sample);
  const { 'convlet.crc32': _, ...rest } = metadata;
  const entries: Entry[] = [...tensors];
  const [name, tensor] = entries[at % entries.length] ?? [
    '',
    { shape: [], data: new Float32Array(1) },
  ];
  const put = (...entry: Entry[]) => entries.splice(at % entries.length, 1, ...entry);
  const data = tensor.data as Float32Array;
  if (tamper === 'drop') put();
  if (tamper === 'rename') put([`${name}x`, tensor]);
  if (tamper === 'reshape')
    put([name, { ...tensor, shape: [...tensor.shape].reverse() } as Entry[1]]);
  if (tamper === 'numbers')
    put([
      name,
      {
        ...tensor,
        data: data.map((_, i) => [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e38][i % 4] ?? 0),
      } as Entry[1],
    ]);
  if (tamper === 'double')
    put([
      name,
      {
        shape: tensor.shape,
        data: data instanceof Float64Array ? Float32Array.from(data) : Float64Array.from(data),
      } as Entry[1],
    ]);
  if (tamper === 'more') entries.push(['extra', { shape: [2], data: new Float32Array(2) }]);
  const changed = { ...rest, ...(key !== '' && { [key]: text }) };
  return longFileOf(entries, seal(entries, changed));
}

/** A file whose header may be longer than an encoder writes. */
function longFileOf(
  entries: readonly Entry[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header = new TextDecoder().decode(encodeHeader(entries, metadata));
  const data = entries.map(
    ([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  return fileOf(header, Buffer.concat(data));
}

function forgedTarget<Value>(
  name: string,
  samples: readonly Uint8Array[],
  keys: readonly string[],
  read: (bytes: Uint8Array, where: string) => Value,
  encode: (value: Value) => Uint8Array,
): Target {
  const texts = samples.map((bytes) => readMetadata(bytes, 'f'));
  const inputs = fc
    .record({ sample: fc.nat(samples.length - 1), key: fc.constantFrom('', ...keys) })
    .chain(({ sample, key }) => {
      const bytes = samples[sample] ?? new Uint8Array();
      const text = texts[sample]?.[key];
      const tampers: readonly Tamper[] = [
        'none',
        'drop',
        'rename',
        'reshape',
        'numbers',
        'double',
        'more',
      ];
      const how = fc.record({
        tamper: key === '' ? fc.constantFrom(...tampers) : fc.constant<Tamper>('none'),
        at: fc.nat(30),
      });
      let value: unknown = text;
      try {
        value = JSON.parse(text ?? '"x"');
      } catch {}
      return fc.tuple(hostileJson([value]), how).map(
        ([hostile, { tamper, at }]): Forged => ({
          bytes: forge(bytes, key, hostile.text, tamper, at),
          key,
          text: hostile.text,
        }),
      );
    });
  const target: Target<Forged, Value> = {
    name,
    runs: 1500,
    inputs,
    size: ({ bytes }) => bytes.length,
    show: ({ key, text }) => `${key}: ${showText({ text })}`,
    read: ({ bytes }) => read(bytes, 'f'),
    check(value, { key, text }) {
      if (key !== '' && hasRepeatedKey(text))
        throw new Error('wrongly taken: a key that is repeated');
      const bytes = encode(value); // JSON has no -0, so bytes are compared
      expectSame(encode(read(bytes, 'f')), bytes, 'what is written again');
    },
  };
  return target as Target;
}

const modelKeys = [
  'convlet.spec',
  'convlet.seed',
  'convlet.loss',
  'convlet.classNames',
  'convlet.preparation',
  'convlet.format',
];

export const models: readonly Target[] = [
  safetensorsTarget as Target,
  headerTarget as Target,
  sealedTarget('models', modelFiles, decodeModel),
  forgedTarget('models-forged', modelFiles, modelKeys, decodeModel, encodeModel),
  sealedTarget('models-small', smallFiles, decodeModel),
  forgedTarget('models-int8-forged', wholeFiles, modelKeys, decodeModel, encodeModel),
  sealedTarget('checkpoints', checkpointFiles, decodeCheckpoint),
  forgedTarget(
    'checkpoints-forged',
    checkpointFiles,
    ['convlet.checkpoint', 'convlet.checkpoint', 'convlet.spec', 'convlet.seed'],
    decodeCheckpoint,
    encodeCheckpoint,
  ),
];
